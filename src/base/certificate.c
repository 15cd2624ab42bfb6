/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.c - see certificate.h.
 *
 * Both files are made under another name and renamed when they are on the disk, the key first: a
 * start that was cut off between the two leaves a key without a certificate, to which one is made.
 */
#include "base/certificate.h"

#include "base/digits.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 + 64 };

/* ---- fingerprints ---- */

char *fingerprint_format(const struct fingerprint *f, char out[FINGERPRINT_TEXT])
{
	*digits_put_bytes(out, f->b, sizeof f->b) = '\0';
	return out;
}

bool fingerprint_parse(const char *text, struct fingerprint *out)
{
	for (size_t i = 0; i < sizeof out->b; i++) {
		if (i > 0 && *text == ':')
			text++;
		const int high = digits_take_hex(*text),
			  low = high < 0 ? -1 : digits_take_hex(text[1]);
		if (low < 0)
			return false;
		out->b[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return *text == '\0';
}

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool certificate_fingerprint(const X509 *shown, struct fingerprint *out)
{
	unsigned len = sizeof out->b;

	return X509_digest(shown, EVP_sha256(), out->b, &len) == 1 && len == sizeof out->b;
}

/* ---- names ---- */

bool certificate_name_good(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._:";
	const size_t len = strlen(name);

	return len > 0 && len < CERTIFICATE_NAME && strspn(name, letters) == len;
}

void certificate_name(const X509 *shown, char out[CERTIFICATE_NAME])
{
	const X509_NAME *const subject = X509_get_subject_name(shown);
	const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	const ASN1_STRING *const text =
		at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	const int len = text == NULL ? 0 : ASN1_STRING_length(text);

	out[0] = '\0';
	if (len <= 0 || len >= CERTIFICATE_NAME)
		return;
	memcpy(out, ASN1_STRING_get0_data(text), (size_t)len);
	out[len] = '\0';
	if (strlen(out) != (size_t)len || !certificate_name_good(out))
		out[0] = '\0';
}

/* ---- making one ---- */

/* A browser looks for the host in subjectAltName alone (RFC 9525, section 2). */
static bool add_host(X509 *x, const char *name)
{
	char text[CERTIFICATE_NAME + 8];

	if (strpbrk(name, "_:") != NULL)
		return true; /* no host's */
	snprintf(text, sizeof text, "DNS:%s", name);
	X509_EXTENSION *const e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
	const bool done = e != NULL && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return done;
}

static bool add_serial(X509 *x)
{
	uint64_t serial;

	return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1;
}

/* From the day this was written to that of RFC 5280, 4.1.2.5: no end is known. */
static bool add_dates(X509 *x)
{
	return ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20200101000000Z") == 1 &&
	       ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "99991231235959Z") == 1;
}

static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
	X509 *const x = X509_new();
	X509_NAME *const subject = x == NULL ? NULL : X509_get_subject_name(x);

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && add_serial(x) &&
	    add_dates(x) &&
	    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
	                               (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, subject) == 1 && add_host(x, name) &&
	    X509_set_pubkey(x, key) == 1 && X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* ---- files ---- */

static void path_of(const struct certificate_place *p, const char *suffix, char out[PATH_ROOM])
{
	snprintf(out, PATH_ROOM, "%.4000s/%s.%s", p->folder, p->what, suffix);
}

static bool write_pem(FILE *out, const struct certificate *c, bool secret)
{
	return secret ? PEM_write_PKCS8PrivateKey(out, c->key, NULL, NULL, 0, NULL, NULL) == 1
	              : PEM_write_X509(out, c->shown) == 1;
}

static bool write_file(const struct certificate_place *p, const struct certificate *c, bool secret,
                       char *why, size_t why_len)
{
	char path[PATH_ROOM], part[PATH_ROOM + 8];

	path_of(p, secret ? "key" : "crt", path);
	snprintf(part, sizeof part, "%s.new", path);
	unlink(part);
	const int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	                    secret ? 0600 : 0644);
	FILE *const out = fd < 0 ? NULL : fdopen(fd, "w");
	bool done = out != NULL && write_pem(out, c, secret) && fflush(out) == 0 &&
	            fsync(fd) == 0 && (geteuid() != 0 || fchown(fd, p->uid, p->gid) == 0);
	const int error = errno;

	if (out != NULL)
		fclose(out);
	else if (fd >= 0)
		close(fd);
	done = done && rename(part, path) == 0;
	if (!done)
		snprintf(why, why_len, "cannot write %s: %s", path, strerror(error));
	return done;
}

/* False: it is there, and cannot be read. Not there: NULL. */
static bool read_file(const struct certificate_place *p, struct certificate *c, bool secret,
                      char *why, size_t why_len)
{
	char path[PATH_ROOM];

	path_of(p, secret ? "key" : "crt", path);
	FILE *const in = fopen(path, "re");
	if (in == NULL) {
		snprintf(why, why_len, "cannot read %s: %s", path, strerror(errno));
		return errno == ENOENT;
	}
	if (secret)
		c->key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
	else
		c->shown = PEM_read_X509(in, NULL, NULL, NULL);
	fclose(in);
	if (secret ? c->key != NULL : c->shown != NULL)
		return true;
	snprintf(why, why_len, "%s is no %s in PEM", path, secret ? "private key" : "certificate");
	return false;
}

static bool make_missing(const struct certificate_place *p, struct certificate *c, char *why,
                         size_t why_len)
{
	if (p->name == NULL || (c->key == NULL && c->shown != NULL))
		return false; /* why says which file is not there */
	if (!certificate_name_good(p->name)) {
		snprintf(why, why_len,
		         "\"%.80s\" can be no name in a certificate: up to %d letters, digits and "
		         "-._: (see --sensor)",
		         p->name, CERTIFICATE_NAME - 1);
		return false;
	}
	snprintf(why, why_len, "cannot make a key");
	if (c->key == NULL) {
		c->key = EVP_EC_gen("P-256");
		if (c->key == NULL || !write_file(p, c, true, why, why_len))
			return false;
	}
	c->shown = make_certificate(c->key, p->name);
	return c->shown != NULL && write_file(p, c, false, why, why_len);
}

static bool open_both(const struct certificate_place *p, struct certificate *c, char *why,
                      size_t why_len)
{
	if (!read_file(p, c, true, why, why_len) || !read_file(p, c, false, why, why_len))
		return false;
	if ((c->key == NULL || c->shown == NULL) && !make_missing(p, c, why, why_len))
		return false;
	if (X509_check_private_key(c->shown, c->key) != 1) {
		snprintf(why, why_len, "%s/%s.key is not the key of %s.crt beside it", p->folder,
		         p->what, p->what);
		return false;
	}
	return certificate_fingerprint(c->shown, &c->fingerprint);
}

struct certificate *certificate_open(const struct certificate_place *p, char *why, size_t why_len)
{
	struct certificate *const c = calloc(1, sizeof *c);

	snprintf(why, why_len, "cannot read a certificate: out of memory");
	if (c != NULL && open_both(p, c, why, why_len))
		return c;
	certificate_free(c);
	return NULL;
}

void certificate_free(struct certificate *c)
{
	if (c == NULL)
		return;
	X509_free(c->shown);
	EVP_PKEY_free(c->key);
	free(c);
}
