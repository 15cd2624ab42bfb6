/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_certificate.c - keys are made once, kept for their owner alone, and known by their fingerprint; a
 * handshake tells who is who, and who is another.
 */
#include "base/certificate.h"
#include "base/tls.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_certificate.XXXXXX", why[512];

static void path_of(const char *file, char out[128])
{
	snprintf(out, 128, "%s/%s", folder, file);
}

static struct certificate *opened(const char *what, const char *name)
{
	const struct certificate_place place = {
		.folder = folder, .what = what, .name = name, .uid = geteuid(), .gid = getegid()};

	return certificate_open(&place, why, sizeof why);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"a", "b", "half"};
	char path[128], file[32];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(file, sizeof file, "%s.key", names[i]);
		path_of(file, path);
		unlink(path);
		snprintf(file, sizeof file, "%s.crt", names[i]);
		path_of(file, path);
		unlink(path);
	}
	return rmdir(folder);
}

static void what_is_made_is_found_again(void **state)
{
	struct certificate *const made = opened("a", "attic"), *const again = opened("a", NULL);
	char name[CERTIFICATE_NAME], path[128];
	struct stat key;

	(void)state;
	assert_non_null(made);
	assert_non_null(again);
	assert_true(fingerprint_equal(&made->fingerprint, &again->fingerprint));
	certificate_name(again->shown, name);
	assert_string_equal(name, "attic");
	path_of("a.key", path);
	assert_int_equal(stat(path, &key), 0);
	assert_int_equal(key.st_mode & 0777, 0600);
	certificate_free(made);
	certificate_free(again);
}

static void what_is_not_there_is_not_made_unasked(void **state)
{
	(void)state;
	assert_null(opened("b", NULL));
	assert_non_null(strstr(why, "b.crt: No such file"));
	assert_null(opened("b", "two words"));
	assert_non_null(strstr(why, "up to 63 letters"));
	assert_null(opened("b", ""));
}

/* A start that was cut off between the two files leaves a key. */
static void a_key_alone_gets_a_certificate_and_a_certificate_alone_is_refused(void **state)
{
	struct certificate *const first = opened("half", "half");
	char key[128], shown[128];

	(void)state;
	assert_non_null(first);
	path_of("half.key", key);
	path_of("half.crt", shown);
	assert_int_equal(unlink(shown), 0);
	struct certificate *const second = opened("half", "half");
	assert_non_null(second);
	assert_false(fingerprint_equal(&first->fingerprint, &second->fingerprint));
	assert_int_equal(unlink(key), 0);
	assert_null(opened("half", "half"));
	certificate_free(first);
	certificate_free(second);
}

static void a_key_of_another_is_refused(void **state)
{
	char a[128], b[128];

	(void)state;
	certificate_free(opened("a", "attic"));
	certificate_free(opened("b", "cellar"));
	path_of("a.key", a);
	path_of("b.key", b);
	assert_int_equal(rename(a, b), 0);
	assert_null(opened("b", "cellar"));
	assert_non_null(strstr(why, "is not the key of"));
	assert_int_equal(rename(b, a), 0);
	FILE *const out = fopen(b, "w");
	assert_non_null(out);
	fputs("nonsense\n", out);
	fclose(out);
	assert_null(opened("b", "cellar"));
	assert_non_null(strstr(why, "b.key is no private key in PEM"));
	unlink(b);
	path_of("b.crt", b);
	unlink(b);
}

static void fingerprints_are_read_as_they_and_openssl_are_written(void **state)
{
	struct fingerprint f, again;
	char text[FINGERPRINT_TEXT], colons[3 * 32 + 1] = "";

	(void)state;
	for (unsigned i = 0; i < sizeof f.b; i++) {
		f.b[i] = (uint8_t)(i * 37 + 11);
		snprintf(colons + 3 * i, 4, "%02X:", f.b[i]);
	}
	colons[sizeof colons - 2] = '\0';
	assert_true(fingerprint_parse(fingerprint_format(&f, text), &again));
	assert_true(fingerprint_equal(&f, &again));
	assert_true(fingerprint_parse(colons, &again));
	assert_true(fingerprint_equal(&f, &again));
	text[63] = '\0';
	assert_false(fingerprint_parse(text, &again));
	assert_false(fingerprint_parse("", &again));
	assert_false(fingerprint_parse(strcat(colons, ":"), &again));
	colons[0] = 'g';
	assert_false(fingerprint_parse(colons, &again));
}

static void names_are_words(void **state)
{
	char longest[CERTIFICATE_NAME + 1];

	(void)state;
	memset(longest, 'x', sizeof longest);
	longest[CERTIFICATE_NAME - 1] = '\0';
	assert_true(certificate_name_good(longest));
	longest[CERTIFICATE_NAME - 1] = 'x';
	longest[CERTIFICATE_NAME] = '\0';
	assert_false(certificate_name_good(longest));
	assert_true(certificate_name_good("lab-1.example_net:2"));
	assert_false(certificate_name_good(""));
	assert_false(certificate_name_good("a b"));
	assert_false(certificate_name_good("a\nb"));
	assert_false(certificate_name_good("\xc3\xa4"));
}

/* ---- handshakes, in memory ---- */

/* Both ends, until neither goes on. True: both say that it is done. */
static bool shake(SSL *client, SSL *server)
{
	bool done = false;

	for (unsigned i = 0; i < 20 && !done; i++) {
		const int a = SSL_do_handshake(client), b = SSL_do_handshake(server);
		done = a == 1 && b == 1;
	}
	return done;
}

static bool meet(SSL_CTX *client, SSL_CTX *server, struct fingerprint *of_client, bool *other)
{
	SSL *const c = SSL_new(client), *const s = SSL_new(server);
	char name[CERTIFICATE_NAME] = "";
	BIO *one = NULL, *two = NULL;

	assert_true(c != NULL && s != NULL && BIO_new_bio_pair(&one, 0, &two, 0) == 1);
	SSL_set_bio(c, one, one);
	SSL_set_bio(s, two, two);
	SSL_set_connect_state(c);
	SSL_set_accept_state(s);
	const bool met = shake(c, s);
	*other = tls_is_other(c);
	if (met && tls_peer(s, of_client, name))
		assert_string_equal(name, "attic");
	SSL_free(c);
	SSL_free(s);
	return met;
}

static void a_handshake_tells_who_is_who(void **state)
{
	struct certificate *const sensor = opened("a", "attic"), *const manager = opened("b", "b");
	struct fingerprint pinned, came = {0};
	bool other;

	(void)state;
	assert_true(sensor != NULL && manager != NULL);
	pinned = manager->fingerprint;
	SSL_CTX *const here = tls_context(TLS_SENSOR, sensor, &pinned),
		       *const there = tls_context(TLS_INTAKE, manager, NULL),
		       *const pages = tls_context(TLS_PAGES, manager, NULL);
	assert_true(here != NULL && there != NULL && pages != NULL);
	assert_true(meet(here, there, &came, &other));
	assert_true(fingerprint_equal(&came, &sensor->fingerprint));
	assert_false(other);
	pinned.b[31] ^= 1;
	assert_false(meet(here, there, &came, &other));
	assert_true(other);
	pinned.b[31] ^= 1;
	assert_false(meet(here, pages, &came, &other)); /* another protocol */
	SSL_CTX_set_max_proto_version(here, TLS1_2_VERSION);
	assert_false(meet(here, there, &came, &other));
	SSL_CTX_free(here);
	SSL_CTX_free(there);
	SSL_CTX_free(pages);
	certificate_free(sensor);
	certificate_free(manager);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_made_is_found_again),
		cmocka_unit_test(what_is_not_there_is_not_made_unasked),
		cmocka_unit_test(a_key_alone_gets_a_certificate_and_a_certificate_alone_is_refused),
		cmocka_unit_test(a_key_of_another_is_refused),
		cmocka_unit_test(fingerprints_are_read_as_they_and_openssl_are_written),
		cmocka_unit_test(names_are_words),
		cmocka_unit_test(a_handshake_tells_who_is_who),
	};

	return cmocka_run_group_tests_name("certificate", tests, make_folder, remove_folder);
}
