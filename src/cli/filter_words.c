/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_words.c - see filter_words.h. The words are those of pcap-filter(7), libpcap 1.10.
 */
#include "cli/filter_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char language[] =
	" dst src and or not host net mask port portrange less greater proto protochain byte broadcast multicast"
	" gateway link ether fddi tr wlan arp rarp ip ip6 icmp icmp6 icmpv6 tcp udp sctp igmp igrp pim vrrp carp ah esp"
	" atalk aarp decnet lat sca moprc mopdl iso esis es-is isis is-is l1 l2 iih lsp snp csnp psnp clnp stp ipx netbeui"
	" radio inbound outbound ifname on ifindex rset ruleset rnr rulenum reason srnr subrulenum action type subtype"
	" dir direction addr1 addr2 addr3 addr4 ra ta len vlan mpls pppoed pppoes geneve lane metac bcc sc ilmic oamf4"
	" oamf4ec oamf4sc oam oamf4 connectmsg metaconnect llc lb vpi vci data mgt ctl management control"
	" fisu lssu lsu msu hfisu hlssu hmsu sio opc dpc sls hsio hopc hdpc hsls"
	" i s u rr rnr rej ui ua disc sabme test xis frmr xid dm"
	" icmptype icmpcode icmp-echoreply icmp-unreach icmp-sourcequench icmp-redirect icmp-echo icmp-routeradvert"
	" icmp-routersolicit icmp-timxceed icmp-paramprob icmp-tstamp icmp-tstampreply icmp-ireq icmp-ireqreply"
	" icmp-maskreq icmp-maskreply icmp6type icmp6code icmp6-destinationrunreach icmp6-packettoobig icmp6-timeexceeded"
	" icmp6-parameterproblem icmp6-echo icmp6-echoreply icmp6-multicastlistenerquery icmp6-multicastlistenerreportv1"
	" icmp6-multicastlistenerdone icmp6-routersolicit icmp6-routeradvert icmp6-neighborsolicit icmp6-neighboradvert"
	" icmp6-redirect tcpflags tcp-fin tcp-syn tcp-rst tcp-push tcp-ack tcp-urg tcp-ece tcp-cwr"
	" pass block accept drop nat binat rdr scrub noscrub match bad-offset fragment short normalize memory"
	" assoc-req assoc-resp reassoc-req reassoc-resp probe-req probe-resp beacon atim disassoc auth deauth ps-poll rts"
	" cts ack cf-end cf-end-ack data-cf-ack data-cf-poll data-cf-ack-poll null cf-ack cf-poll cf-ack-poll qos-data"
	" qos-data-cf-ack qos-data-cf-poll qos-data-cf-ack-poll qos qos-cf-poll qos-cf-ack-poll nods tods fromds dstods ";

static bool is_language(const char *word)
{
	const size_t len = strlen(word);

	for (const char *at = language; (at = strstr(at, word)); at += len)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

/* Does a file of the system (services, protocols) begin a line or an alias with the word? */
static bool is_in_file(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file)) {
		line[strcspn(line, "#\n")] = '\0';
		for (char *save = NULL, *w = strtok_r(line, " \t", &save); w && !found;
		     w = strtok_r(NULL, " \t", &save))
			found = strcmp(w, word) == 0;
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_port(const char *word)
{
	char low[128];
	const char *dash = strchr(word, '-');

	if (is_in_file("/etc/services", word))
		return true;
	if (!dash || (size_t)(dash - word) >= sizeof low)
		return false;
	memcpy(low, word, (size_t)(dash - word)); /* portrange ftp-data-ftp is beyond this */
	low[dash - word] = '\0';
	return is_in_file("/etc/services", low) && is_in_file("/etc/services", dash + 1);
}

/* Starts with a digit or has a colon: a number or an address, of which libpcap asks nobody. */
static bool is_number(const char *word)
{
	if (strchr(word, ':'))
		return true;
	return isdigit((unsigned char)word[0]) &&
	       strspn(word, "0123456789abcdefABCDEFxX./-") == strlen(word);
}

/* What names are of, after this word: ports, protocols, interfaces; 0: it says nothing of that. */
static char names_after(const char *word)
{
	static const struct {
		const char *word;
		char what;
	} table[] = {
		{"port", 'p'},    {"portrange", 'p'}, {"proto", 'P'},   {"protochain", 'P'},
		{"host", 'h'},    {"net", 'h'},       {"gateway", 'h'}, {"src", 'h'},
		{"dst", 'h'},     {"ifname", 'i'},    {"on", 'i'},      {"rset", 'i'},
		{"ruleset", 'i'},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (strcmp(table[i].word, word) == 0)
			return table[i].what;
	return 0;
}

static bool word_is_silent(const char *word, char what)
{
	if (is_number(word))
		return true;
	switch (what) {
	case 'p':
		return is_port(word);
	case 'P':
		return is_in_file("/etc/protocols", word);
	case 'i':
		return true;
	default:
		return false;
	}
}

bool filter_is_silent(const char *expression, char *word, size_t cap)
{
	static const char part[] = " \t\r\n()[]!&|<>=+*/%^~,\"";
	char what = 'h';

	for (const char *at = expression; *at;) {
		at += strspn(at, part);
		const size_t len = strcspn(at, " \t\r\n()[]!&|<>=+*%^~,\"");
		if (len == 0)
			break;
		snprintf(word, cap, "%.*s", (int)len, at);
		at += len;
		const bool escaped = word[0] == '\\'; /* \tcp: the word, not the keyword */
		const char next = names_after(word + escaped);
		if (!escaped && next) {
			what = next;
			continue;
		}
		if (is_language(word + escaped))
			continue;
		if (!word_is_silent(word + escaped, what))
			return false;
	}
	return true;
}
