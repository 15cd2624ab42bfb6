/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recog.c - reads recog's XML strictly: what it does not know it refuses, so that a file of
 * another kind, or half a file, is not half believed.
 *
 *	<fingerprints matches="ssh.banner" ...>
 *	  <fingerprint pattern="^OpenSSH_(\S+)$" flags="REG_ICASE" certainty="0.9">
 *	    <description>...</description> <example ...>...</example>
 *	    <param pos="0" name="service.product" value="OpenSSH"/>
 *	    <param pos="1" name="service.version"/>
 *	  </fingerprint>
 *
 * It is not a reader of XML: no declarations of types, no entities but the five and numbers, no
 * name spaces. Of a fingerprint's params those about the program (service), its system (os) and the
 * hardware (hw) become what a rule says; the rest is left out. Attributes are decoded into the
 * rules' memory, so the text may go.
 */
#include "asset/infer/recog.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTRIBUTES 16u
#define PARAMS 24u
#define VALUE_LEN 4096u
#define FILES_MAX 256

/* ---- a tag ---- */

struct attribute {
	struct words name, value; /* the value as it stands there */
};

struct tag {
	struct words name; /* with / in front where it closes */
	bool closed;       /* <x/> */
	struct attribute attribute[ATTRIBUTES];
	unsigned count;
};

struct recog {
	struct rules *rules;
	const char *file, *text, *at, *end;
	char *why;
	uint16_t kinds[RULE_KINDS];
	uint8_t kind_count;
	struct rule *rule;
	struct words name[PARAMS], value[PARAMS]; /* params of the fingerprint at hand */
	unsigned pos[PARAMS], params;
	unsigned added, weight;
};

static bool wrong(const struct recog *g, const char *what)
{
	unsigned line = 1;

	for (const char *s = g->text; s < g->at; s++)
		line += *s == '\n';
	snprintf(g->why, RULES_WHY, "%s:%u: %s", g->file, line, what);
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct recog *g)
{
	while (g->at < g->end && is_space(*g->at))
		g->at++;
}

static bool begins(const struct recog *g, const char *with)
{
	const size_t len = strlen(with);

	return (size_t)(g->end - g->at) >= len && memcmp(g->at, with, len) == 0;
}

/* Behind the next such text. */
static bool skip_past(struct recog *g, const char *what)
{
	const char *const found = memmem(g->at, (size_t)(g->end - g->at), what, strlen(what));

	if (found == NULL)
		return wrong(g, "the file ends in the middle");
	g->at = found + strlen(what);
	return true;
}

static struct words read_name(struct recog *g)
{
	const char *const from = g->at;

	while (g->at < g->end && !is_space(*g->at) && strchr("=/>\"'<", *g->at) == NULL)
		g->at++;
	return (struct words){from, (size_t)(g->at - from)};
}

static bool read_attribute(struct recog *g, struct tag *tag)
{
	if (tag->count == ATTRIBUTES)
		return wrong(g, "too many attributes");
	struct attribute *const a = &tag->attribute[tag->count++];
	a->name = read_name(g);
	skip_space(g);
	if (a->name.len == 0 || g->at == g->end || *g->at++ != '=')
		return wrong(g, "an attribute is NAME=\"VALUE\"");
	skip_space(g);
	const char quote = g->at < g->end ? *g->at++ : 0;
	const char *const end = quote == '"' || quote == '\''
	                                ? memchr(g->at, quote, (size_t)(g->end - g->at))
	                                : NULL;
	if (end == NULL || (size_t)(end - g->at) > VALUE_LEN)
		return wrong(g, "an attribute is NAME=\"VALUE\"");
	a->value = (struct words){g->at, (size_t)(end - g->at)};
	g->at = end + 1;
	return true;
}

/* The tag that begins here. */
static bool read_tag(struct recog *g, struct tag *tag)
{
	*tag = (struct tag){0};
	g->at++;
	const char *const from = g->at;
	if (g->at < g->end && *g->at == '/')
		g->at++;
	read_name(g);
	tag->name = (struct words){from, (size_t)(g->at - from)};
	for (;;) {
		skip_space(g);
		if (g->at < g->end && *g->at == '/') {
			g->at++;
			tag->closed = true;
		}
		if (g->at < g->end && *g->at == '>') {
			g->at++;
			return tag->name.len > 0 || wrong(g, "a tag without a name");
		}
		if (tag->closed || g->at == g->end || *g->at == '<')
			return wrong(g, "a tag is not closed");
		if (!read_attribute(g, tag))
			return false;
	}
}

static bool words_are(struct words w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.s, text, w.len) == 0;
}

static struct words attribute_of(const struct tag *tag, const char *name)
{
	for (unsigned i = 0; i < tag->count; i++)
		if (words_are(tag->attribute[i].name, name))
			return tag->attribute[i].value;
	return (struct words){"", 0};
}

/* ---- what an attribute holds ---- */

/* The sign that "&lt;" or "&#60;" stands for; 0: none. */
static char entity(const char *s, size_t len)
{
	static const struct {
		const char *name;
		char sign;
	} known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	char text[12];

	if (len == 0 || len >= sizeof text)
		return 0;
	memcpy(text, s, len);
	text[len] = 0;
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(text, known[i].name) == 0)
			return known[i].sign;
	if (text[0] != '#')
		return 0;
	const bool hex = text[1] == 'x';
	char *end;
	const unsigned long n = strtoul(text + 1 + hex, &end, hex ? 16 : 10);
	return *end == 0 && end > text + 1 + hex && n > 0 && n < 128 ? (char)n : 0;
}

/* Decoded, in the rules' memory. */
static bool decode(struct recog *g, struct words raw, struct words *out)
{
	char *const text = arena_take(&g->rules->memory, raw.len + 1, 1);
	size_t len = 0;

	if (text == NULL)
		return wrong(g, "no room for more rules");
	for (size_t i = 0; i < raw.len; i++) {
		const char *const end =
			raw.s[i] == '&' ? memchr(raw.s + i, ';', raw.len - i) : NULL;
		if (raw.s[i] == '&') {
			const char sign =
				end == NULL ? 0
					    : entity(raw.s + i + 1, (size_t)(end - raw.s) - i - 1);
			if (sign == 0)
				return wrong(g, "an entity that is none of the five");
			text[len++] = sign;
			i = (size_t)(end - raw.s);
		} else {
			text[len++] = raw.s[i];
		}
	}
	*out = (struct words){text, len};
	return true;
}

/* ---- what a file is about ---- */

static const struct subject {
	const char *matches;
	uint16_t kinds[2];
} subjects[] = {
	{"ssh.banner", {FACT_SSH_BANNER}},
	{"ftp.banner", {FACT_FTP_BANNER}},
	{"smtp.banner", {FACT_SMTP_BANNER}},
	{"imap4.banner", {FACT_IMAP_BANNER}},
	{"pop3.banner", {FACT_POP_BANNER}},
	{"nntp.banner", {FACT_NNTP_BANNER}},
	{"mysql.banners", {FACT_MYSQL_VERSION}},
	{"http_header.server", {FACT_HTTP_SERVER}},
	{"http_header.x-powered-by", {FACT_HTTP_POWERED_BY}},
	{"html_title", {FACT_HTTP_TITLE}},
	{"snmp.sys_description", {FACT_SNMP_SYSDESCR, FACT_LLDP_SYSTEM_DESCRIPTION}},
	{"snmp.sys_object_id", {FACT_SNMP_SYSOBJECTID}},
	{"smb.native_os", {FACT_SMB_NATIVE_OS}},
	{"smb.native_lm", {FACT_SMB_NATIVE_LANMAN}},
	{"sip_header.server", {FACT_SIP_SERVER}},
	{"sip_header.user_agent", {FACT_SIP_USER_AGENT}},
	{"rtsp_header.server", {FACT_RTSP_SERVER}},
	{"x11.vendor", {FACT_X11_VENDOR}},
	{"dhcp_vendor_class", {FACT_DHCP_VENDOR_CLASS}},
	{"mdns.device-info.txt", {FACT_MDNS_TXT}},
};

/* False: nothing that any fact holds. */
static bool subject_of(struct recog *g, struct words matches)
{
	for (size_t i = 0; i < COUNT_OF(subjects); i++) {
		if (!words_are(matches, subjects[i].matches))
			continue;
		for (unsigned k = 0; k < COUNT_OF(subjects[i].kinds); k++)
			if (subjects[i].kinds[k] != FACT_NONE)
				g->kinds[g->kind_count++] = subjects[i].kinds[k];
		return true;
	}
	return false;
}

/* What recog calls a device, in our words. */
static struct words device_type(struct words device)
{
	static const struct {
		const char *theirs, *ours;
	} types[] = {
		{"Router", "router"},
		{"Broadband router", "router"},
		{"Broadband Router", "router"},
		{"Switch", "switch"},
		{"Firewall", "firewall"},
		{"WAP", "access-point"},
		{"Wireless Access Point", "access-point"},
		{"Printer", "printer"},
		{"Print server", "printer"},
		{"Print Server", "printer"},
		{"Multifunction Device", "printer"},
		{"VoIP", "phone"},
		{"VoIP Phone", "phone"},
		{"IP Camera", "camera"},
		{"Web cam", "camera"},
		{"Webcam", "camera"},
		{"DVR", "nvr"},
		{"Storage", "nas"},
		{"NAS", "nas"},
		{"Hypervisor", "hypervisor"},
		{"Mobile", "mobile"},
		{"Laptop", "laptop"},
		{"Desktop", "workstation"},
		{"Media Player", "media player"},
		{"Game Console", "game console"},
		{"Lights out management", "server"},
		{"UPS", "ups"},
	};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (words_are(device, types[i].theirs))
			return (struct words){types[i].ours, strlen(types[i].ours)};
	return (struct words){"", 0};
}

/* ---- a fingerprint ---- */

/* "$2" where the param is a group, else what it says; empty: there is none. */
static bool param_of(struct recog *g, const char *name, struct words *out)
{
	static const char groups[RULE_GROUPS][3] = {"$1", "$2", "$3", "$4", "$5"};

	*out = (struct words){"", 0};
	for (unsigned i = 0; i < g->params; i++) {
		if (!words_are(g->name[i], name))
			continue;
		if (g->pos[i] == 0)
			return decode(g, g->value[i], out);
		if (g->pos[i] <= RULE_GROUPS)
			*out = (struct words){groups[g->pos[i] - 1], 2};
		return true;
	}
	return true;
}

/* A CPE name; "{service.version}" in it is the param of that name. */
static bool cpe_of(struct recog *g, const char *name, struct words *out)
{
	struct words cpe, part;

	if (!param_of(g, name, &cpe))
		return false;
	const char *const open = cpe.len == 0 ? NULL : memchr(cpe.s, '{', cpe.len);
	*out = cpe;
	if (open == NULL)
		return true;
	const char *const close = memchr(open, '}', cpe.len - (size_t)(open - cpe.s));
	char inner[64];
	const size_t inner_len = close == NULL ? 0 : (size_t)(close - open) - 1;
	if (close == NULL || inner_len >= sizeof inner)
		return wrong(g, "a { without its }");
	memcpy(inner, open + 1, inner_len);
	inner[inner_len] = 0;
	if (!param_of(g, inner, &part))
		return false;
	const size_t before = (size_t)(open - cpe.s), after = cpe.len - before - inner_len - 2;
	char *const text = arena_take(&g->rules->memory, before + part.len + after + 1, 1);
	if (text == NULL)
		return wrong(g, "no room for more rules");
	memcpy(text, cpe.s, before);
	memcpy(text + before, part.s, part.len);
	memcpy(text + before + part.len, close + 1, after);
	*out = (struct words){text, before + part.len + after};
	return true;
}

static void say(struct recog *g, enum about about, unsigned weight, struct words value,
                struct words version, struct words cpe)
{
	struct rule *const rule = g->rule;

	if (value.len == 0 || rule->says_count == RULE_SAYS)
		return;
	rule->says[rule->says_count++] = (struct says){
		.about = (uint8_t)about,
		.weight = (uint8_t)(weight * g->weight / 100),
		.value = value,
		.version = version,
		.cpe = cpe,
	};
}

/* "Ubuntu Linux" is Ubuntu, "Windows 7" is Windows of version 7, and IOS is not the telephone's. */
static void split_system(struct words *system, struct words *version)
{
	static const char cisco[] = "Cisco IOS";

	if (words_are(*system, "IOS"))
		*system = (struct words){cisco, sizeof cisco - 1};
	static const char tail[] = " Linux", *const heads[] = {"Windows Server ", "Windows "};

	if (system->len > sizeof tail - 1 &&
	    memcmp(system->s + system->len - (sizeof tail - 1), tail, sizeof tail - 1) == 0)
		system->len -= sizeof tail - 1;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		const size_t len = strlen(heads[i]);
		if (system->len <= len || memcmp(system->s, heads[i], len) != 0 ||
		    words_are(*system, "Windows Server") || words_are(*system, "Windows CE"))
			continue;
		*version = (struct words){system->s + len, system->len - len};
		system->len = len - 1;
		return;
	}
}

static bool say_params(struct recog *g)
{
	const struct words none = {"", 0};
	struct words value, version, cpe, device;

	if (!param_of(g, "service.product", &value) || !param_of(g, "service.version", &version) ||
	    !cpe_of(g, "service.cpe23", &cpe))
		return false;
	say(g, SOFTWARE, 85, value, version, cpe);
	if (!param_of(g, "os.product", &value) || !param_of(g, "os.version", &version) ||
	    !cpe_of(g, "os.cpe23", &cpe))
		return false;
	split_system(&value, &version);
	say(g, OS, 80, value, version, cpe);
	if (!param_of(g, "hw.vendor", &value))
		return false;
	say(g, VENDOR, 85, value, none, none);
	if (!param_of(g, "hw.product", &value) || !cpe_of(g, "hw.cpe23", &cpe))
		return false;
	say(g, MODEL, 80, value, none, cpe);
	if (!param_of(g, "hw.device", &device))
		return false;
	if (device.len == 0 && !param_of(g, "os.device", &device))
		return false;
	say(g, TYPE, 75, device_type(device), none, none);
	return true;
}

static unsigned certainty_of(const struct tag *tag)
{
	const struct words w = attribute_of(tag, "certainty");

	if (w.len == 0 || w.s[0] == '1')
		return 100;
	return w.len > 2 && w.s[0] == '0' && w.s[1] == '.' && w.s[2] >= '0' && w.s[2] <= '9'
	               ? (unsigned)(w.s[2] - '0') * 10
	               : 50;
}

static bool begin_fingerprint(struct recog *g, const struct tag *tag)
{
	const struct words flags = attribute_of(tag, "flags");

	if (g->rule != NULL)
		return wrong(g, "a fingerprint in a fingerprint");
	g->rule = rules_add(g->rules);
	if (g->rule == NULL)
		return wrong(g, "too many rules");
	g->params = 0;
	g->weight = certainty_of(tag);
	memcpy(g->rule->kinds, g->kinds, sizeof g->kinds);
	g->rule->kind_count = g->kind_count;
	g->rule->list = g->rules->lists;
	g->rule->caseless = memmem(flags.s, flags.len, "REG_ICASE", 9) != NULL;
	g->rule->behind_dash = g->kinds[0] == FACT_SSH_BANNER;
	return decode(g, attribute_of(tag, "pattern"), &g->rule->pattern) &&
	       (g->rule->pattern.len > 0 || wrong(g, "a fingerprint without a pattern"));
}

static bool read_param(struct recog *g, const struct tag *tag)
{
	const struct words pos = attribute_of(tag, "pos");

	if (g->rule == NULL || pos.len != 1 || pos.s[0] < '0' || pos.s[0] > '9')
		return wrong(g, "a param stands in a fingerprint, with pos of one digit");
	if (g->params == PARAMS)
		return wrong(g, "too many params");
	g->name[g->params] = attribute_of(tag, "name");
	g->value[g->params] = attribute_of(tag, "value");
	g->pos[g->params++] = (unsigned)(pos.s[0] - '0');
	return true;
}

/* A fingerprint that says nothing here keeps its place: in its list it speaks for what it matches. */
static bool end_fingerprint(struct recog *g)
{
	static const char source[] = "recog, a file of the data folder";
	struct rule *const rule = g->rule;

	g->rule = NULL;
	if (rule == NULL)
		return wrong(g, "a fingerprint ends that did not begin");
	char *const id = arena_take(&g->rules->memory, 80, 1);
	if (id == NULL)
		return wrong(g, "no room for more rules");
	const int len = snprintf(id, 80, "recog:%.56s:%u", g->file, ++g->added);
	rule->id = (struct words){id, (size_t)len};
	rule->source = (struct words){source, sizeof source - 1};
	g->rule = rule;
	const bool good = say_params(g);
	g->rule = NULL;
	rules_added(g->rules, rule);
	return good;
}

/* ---- a file ---- */

static bool read_element(struct recog *g, bool *over)
{
	struct tag tag;

	if (begins(g, "<!--"))
		return skip_past(g, "-->");
	if (begins(g, "<?"))
		return skip_past(g, "?>");
	if (!read_tag(g, &tag))
		return false;
	if (words_are(tag.name, "fingerprints")) {
		*over = !subject_of(g, attribute_of(&tag, "matches"));
		return true;
	}
	if (words_are(tag.name, "/fingerprints")) {
		*over = true;
		return g->rule == NULL || wrong(g, "a fingerprint does not end");
	}
	if (g->kind_count == 0)
		return wrong(g, "a file of recog begins with <fingerprints matches=...>");
	if (words_are(tag.name, "fingerprint"))
		return begin_fingerprint(g, &tag);
	if (words_are(tag.name, "/fingerprint"))
		return end_fingerprint(g);
	if (words_are(tag.name, "param"))
		return read_param(g, &tag);
	if (words_are(tag.name, "description"))
		return tag.closed || skip_past(g, "</description>");
	if (words_are(tag.name, "example"))
		return tag.closed || skip_past(g, "</example>");
	return wrong(g, "an element that recog does not have");
}

bool recog_read(struct rules *r, const char *name, const char *text, size_t len, unsigned *added,
                char why[RULES_WHY])
{
	struct recog g = {
		.rules = r, .file = name, .text = text, .at = text, .end = text + len, .why = why};
	bool over = false;

	*added = 0;
	if (r->lists == UINT8_MAX)
		return wrong(&g, "too many files");
	while (!over) {
		skip_space(&g);
		if (g.at == g.end)
			return wrong(&g, "the file ends in the middle");
		if (*g.at != '<')
			return wrong(&g, "text where none belongs");
		if (!read_element(&g, &over))
			return false;
	}
	r->lists++;
	*added = g.added;
	return true;
}

/* ---- a folder ---- */

static int is_xml(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0;
}

/* The whole file; NULL: errno says why not. */
static char *file_text(const char *path, size_t *len)
{
	FILE *const file = fopen(path, "rbe");
	char *const text = file == NULL ? NULL : malloc(RECOG_FILE_MAX);

	*len = text == NULL ? 0 : fread(text, 1, RECOG_FILE_MAX, file);
	const bool whole = text != NULL && !ferror(file) && *len < RECOG_FILE_MAX;
	if (file != NULL)
		fclose(file);
	if (whole)
		return text;
	free(text);
	errno = text == NULL ? errno : EFBIG;
	return NULL;
}

static int read_file(struct rules *r, const char *folder, const char *name, unsigned *added,
                     char why[RULES_WHY])
{
	char path[4096];
	size_t len;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	char *const text = file_text(path, &len);
	if (text == NULL) {
		const int error = errno;
		snprintf(why, RULES_WHY, "cannot read %s/%s: %s", folder, name, strerror(error));
		return -error;
	}
	const bool good = recog_read(r, name, text, len, added, why);
	free(text);
	return good ? 0 : -EINVAL;
}

int recog_read_folder(struct rules *r, const char *folder, unsigned *files, unsigned *added,
                      char why[RULES_WHY])
{
	struct dirent **names = NULL;
	const int count = scandir(folder, &names, is_xml, alphasort);
	const int missing = errno;
	int error = 0;

	*files = *added = 0;
	if (count < 0 && missing != ENOENT) {
		snprintf(why, RULES_WHY, "cannot read %s: %s", folder, strerror(missing));
		return -missing;
	}
	for (int i = 0; i < count; i++) {
		unsigned more = 0;
		if (error == 0 && i < FILES_MAX)
			error = read_file(r, folder, names[i]->d_name, &more, why);
		*files += error == 0 && more > 0;
		*added += more;
		free(names[i]);
	}
	free(names);
	return error;
}
