/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign.c - what a file is that is no capture, from its first bytes. People give the wrong
 * file, or one of another capture format; both deserve a better answer than "bad magic".
 */
#include "capture/file.h"

#include <stdio.h>
#include <string.h>

struct kind {
	const char *magic;
	uint8_t len;
	const char *what;
};

#define KIND(magic, what)                      \
	{                                      \
		magic, sizeof(magic) - 1, what \
	}

static const struct kind kinds[] = {
	KIND("snoop\0\0\0", "a snoop capture: editcap -F pcapng makes it readable"),
	KIND("TRSNIFF data    \x1a", "a Sniffer capture: editcap -F pcapng makes it readable"),
	KIND("XCP\0", "a NetXRay capture: editcap -F pcapng makes it readable"),
	KIND("GMBU", "a Network Monitor capture: editcap -F pcapng makes it readable"),
	KIND("RTSS", "a Network Monitor capture: editcap -F pcapng makes it readable"),
	KIND("iptrace ", "an AIX iptrace: editcap -F pcapng makes it readable"),
	KIND("btsnoop\0", "a Bluetooth capture"),
	KIND("LOGG", "a CAN log (BLF)"),
	KIND("\x7f"
             "ELF",
             "a program (ELF)"),
	KIND("MZ", "a Windows program"),
	KIND("\x89PNG\r\n\x1a\n", "a picture (PNG)"),
	KIND("\xff\xd8\xff", "a picture (JPEG)"),
	KIND("GIF8", "a picture (GIF)"),
	KIND("%PDF-", "a document (PDF)"),
	KIND("SQLite format 3\0", "an SQLite database"),
	KIND("PK\x03\x04", "a zip archive: unpack it first"),
	KIND("\x1f\x8b", "gzip data inside of compressed data: unpack it first"),
	KIND("\x28\xb5\x2f\xfd", "zstd data inside of compressed data: unpack it first"),
	KIND("\xfd"
             "7zXZ\0",
             "xz data: unpack it first"),
	KIND("BZh", "bzip2 data: unpack it first"),
	KIND("\x04\x22\x4d\x18", "lz4 data: unpack it first"),
	KIND("7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first"),
	KIND("<?xml", "XML text"),
	KIND("<!DOCTYPE", "HTML text"),
	KIND("version https://git-lfs", "a Git LFS pointer: the capture itself was not fetched"),
};

static bool is_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((bytes[i] < ' ' || bytes[i] > '~') && !strchr("\t\r\n", bytes[i]))
			return false;
	return len > 0;
}

/* Nothing of it is shown unless it is harmless. */
static void describe_bytes(const uint8_t *bytes, size_t len, char *out, size_t out_len)
{
	size_t at = (size_t)snprintf(out, out_len, "begins with");

	for (size_t i = 0; i < len && i < 8; i++)
		at += (size_t)snprintf(out + at, out_len - at, " %02x", bytes[i]);
}

void foreign_describe(const uint8_t *bytes, size_t len, char *out, size_t out_len)
{
	char start[10] = "";

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (len >= kinds[i].len && memcmp(bytes, kinds[i].magic, kinds[i].len) == 0) {
			snprintf(out, out_len, "is %s", kinds[i].what);
			return;
		}
	}
	if (!is_text(bytes, len < 64 ? len : 64)) {
		describe_bytes(bytes, len, out, out_len);
		return;
	}
	for (size_t i = 0; i < len && i < sizeof(start) - 1; i++)
		start[i] = bytes[i] < ' ' ? ' ' : (char)bytes[i];
	snprintf(out, out_len, "begins with \"%s\" (text)", start);
}
