/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_links.c - the map: who is linked with whom, by what they say themselves.
 *
 *	GET /api/v1/links?q=&kinds=lldp,stp&nodes=500&edges=2000
 *	{"nodes":[{"id":"d3","device":3,"name":"...","mac":"...","ip":"...","vendor":"...","type":"...",
 *	           "roles":[...],"vlans":[...],"subnet":"10.0.0.0/24","last_seen":"..."},
 *	          {"id":"s:lab","sensor":"lab"},{"id":"a:10.0.0.9","address":"10.0.0.9"}],
 *	 "edges":[{"from":"d3","to":"s:lab","kind":"lldp","port":"Gi0/3",
 *	           "evidence":[{"sensor":"lab","kind":"lldp.port_id","value":"Gi0/3"}]}],
 *	 "more":false}
 *
 * Kinds, the surest first, which is the order in which room is given to them:
 *	lldp cdp fdp edp  a device's port is on the wire that the sensor listens to: such frames cross no
 *	                  bridge, so the port is this wire's, unless the sensor is fed by a mirror that
 *	                  takes them along
 *	stp               its spanning tree's root
 *	via               a host that was seen behind a router, and the router
 *	peer              who it keeps a routing session or a tunnel with (BGP, BFD, ESP, VPN)
 *	talks             whom it answered (private addresses both)
 *
 * An address stands for the device that goes by it, in the same realm; where that is nobody's, or not
 * sure, it is a node of its own. q chooses whose links: one end at least matches. What room is left
 * for nodes is filled with devices that match and have no link. more: there was no room for all.
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include <stdio.h>
#include <string.h>

#define NODES 500u
#define NODES_MOST 5000u
#define EDGES 2000u
#define EDGES_MOST 20000u

enum other { OTHER_SENSOR, OTHER_MAC, OTHER_IP };

static const struct link_kind {
	const char *name, *field;
	enum other other; /* what the value names; a sensor: itself a port */
} kinds[] = {
	{"lldp", "lldp.port_id", OTHER_SENSOR}, {"cdp", "cdp.port_id", OTHER_SENSOR},
	{"fdp", "fdp.port_id", OTHER_SENSOR},   {"edp", "edp.port", OTHER_SENSOR},
	{"stp", "stp.root", OTHER_MAC},         {"via", "via", OTHER_MAC},
	{"peer", "bgp.peer", OTHER_IP},         {"peer", "bfd.peer", OTHER_IP},
	{"peer", "esp.peer", OTHER_IP},         {"peer", "vpn.peer", OTHER_IP},
	{"talks", "talks.ipv4", OTHER_IP},      {"talks", "talks.ipv6", OTHER_IP},
};

/* The map in the making: nodes and edges by what they are known by. */
struct map {
	struct api *api;
	const struct link_kind *kind; /* that is being read */
	json_t *nodes, *edges;
	uint64_t nodes_most, edges_most;
	bool more, broke;
};

#define NODE_ID 160

/* ---- nodes ---- */

static void device_node_id(uint64_t device, char out[NODE_ID])
{
	snprintf(out, NODE_ID, "d%llu", (unsigned long long)device);
}

/* False: there is no room for it. Takes the node. */
static bool put_node(struct map *m, const char *id, json_t *node)
{
	if (json_object_size(m->nodes) >= m->nodes_most) {
		m->more = true;
		json_decref(node);
		return false;
	}
	return json_object_set_new(m->nodes, id, node) == 0;
}

static json_t *device_node(const struct store_device *d)
{
	static const char *const keys[] = {"name",   "mac",       "ip",     "realm",
	                                   "vendor", "type",      "roles",  "vlans",
	                                   "subnet", "last_seen", "packets"};
	json_t *const whole = export_device(d), *const out = json_object();
	char id[NODE_ID];

	device_node_id(d->id, id);
	json_object_set_new(out, "id", json_string(id));
	json_object_set_new(out, "device", json_integer((json_int_t)d->id));
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		json_object_set(out, keys[i], json_object_get(whole, keys[i]));
	json_decref(whole);
	return out;
}

static void add_device(const struct store_device *d, void *self)
{
	struct map *const m = self;
	char id[NODE_ID];

	device_node_id(d->id, id);
	if (json_object_get(m->nodes, id) == NULL)
		(void)!put_node(m, id, device_node(d));
}

static bool has_device(struct map *m, uint64_t device, char id[NODE_ID])
{
	device_node_id(device, id);
	return json_object_get(m->nodes, id) != NULL ||
	       (store_device(m->api->store, device, add_device, NULL, m) &&
	        json_object_get(m->nodes, id) != NULL);
}

/* A node that is no device. */
static bool has_other(struct map *m, const char *prefix, const char *key, const char *name,
                      char id[NODE_ID])
{
	snprintf(id, NODE_ID, "%s:%.140s", prefix, name);
	return json_object_get(m->nodes, id) != NULL ||
	       put_node(m, id, json_pack("{s:s,s:s}", "id", id, key, name));
}

/* A root may be known by its bridge's own address alone. */
static uint64_t device_of_mac(struct map *m, const char *mac, uint64_t beside)
{
	uint64_t device;

	if (!store_owner_of(m->api->store, "mac", mac, beside, &device) ||
	    (device == 0 && !store_owner_of(m->api->store, "stp.bridge", mac, beside, &device)))
		m->broke = true;
	return device;
}

static uint64_t device_of_ip(struct map *m, const char *ip, uint64_t beside)
{
	uint64_t device;

	if (!store_owner_of(m->api->store, "ip", ip, beside, &device))
		m->broke = true;
	return device;
}

/* ---- edges ---- */

/* The other end. False: there is none, or no room. */
static bool other_end(struct map *m, const struct store_term *t, char id[NODE_ID])
{
	if (m->kind->other == OTHER_SENSOR)
		return has_other(m, "s", "sensor", t->sensor, id);
	const uint64_t device = m->kind->other == OTHER_MAC ? device_of_mac(m, t->value, t->device)
	                                                    : device_of_ip(m, t->value, t->device);
	if (device == t->device)
		return false;
	return device != 0 ? has_device(m, device, id) : has_other(m, "a", "address", t->value, id);
}

static json_t *new_edge(const struct map *m, const struct store_term *t, const char *from,
                        const char *to)
{
	json_t *const port = m->kind->other == OTHER_SENSOR ? json_string(t->value) : json_null();

	return json_pack("{s:s,s:s,s:s,s:o,s:[]}", "from", from, "to", to, "kind", m->kind->name,
	                 "port", port, "evidence");
}

/* Several sensors may say the same of two. */
static void add_term(const struct store_term *t, void *self)
{
	struct map *const m = self;
	char from[NODE_ID], to[NODE_ID], key[2 * NODE_ID + 160];

	if (json_object_size(m->edges) >= m->edges_most) {
		m->more = true;
		return;
	}
	if (m->broke || !has_device(m, t->device, from) || !other_end(m, t, to))
		return;
	snprintf(key, sizeof key, "%s %s %s %.128s", m->kind->name, from, to,
	         m->kind->other == OTHER_SENSOR ? t->value : "");
	json_t *edge = json_object_get(m->edges, key);
	if (edge == NULL) {
		edge = new_edge(m, t, from, to);
		json_object_set_new(m->edges, key, edge);
	}
	json_array_append_new(json_object_get(edge, "evidence"),
	                      json_pack("{s:s,s:s,s:s}", "sensor", t->sensor, "kind",
	                                m->kind->field, "value", t->value));
}

/* ---- the answer ---- */

/* Is it one of the words? All are, when none was said. */
static bool is_wanted(const char *words, const char *name)
{
	const size_t len = strlen(name);

	if (*words == '\0')
		return true;
	for (const char *at = words; *at != '\0'; at += *at == ',') {
		const size_t here = strcspn(at, ",");

		if (here == len && strncmp(at, name, len) == 0)
			return true;
		at += here;
	}
	return false;
}

static bool read_links(struct map *m, const struct query *q, const char *words)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (!is_wanted(words, kinds[i].name))
			continue;
		m->kind = &kinds[i];
		if (!store_terms(m->api->store, q, m->kind->field, (unsigned)m->edges_most + 1,
		                 add_term, m) ||
		    m->broke)
			return false;
	}
	return true;
}

static bool fill_nodes(struct map *m, const struct query *q)
{
	const size_t have = json_object_size(m->nodes);
	struct store_page page = {.sort = SORT_LAST_SEEN, .descending = true};
	char next[STORE_CURSOR];

	if (have >= m->nodes_most)
		return true;
	page.limit = (unsigned)m->nodes_most;
	if (!store_devices(m->api->store, q, &page, add_device, m, next))
		return false;
	m->more = m->more || next[0] != '\0';
	return true;
}

static json_t *values_of(json_t *object)
{
	json_t *const out = json_array(), *value;
	const char *key;

	json_object_foreach(object, key, value) json_array_append(out, value);
	return out;
}

void api_links(struct api *a, struct request *r, uint64_t id)
{
	struct map m = {.api = a, .nodes = json_object(), .edges = json_object()};
	struct query q;

	(void)id;
	if (api_query(r, &q) && api_number(r, "nodes", NODES, NODES_MOST, &m.nodes_most) &&
	    api_number(r, "edges", EDGES, EDGES_MOST, &m.edges_most)) {
		if (read_links(&m, &q, request_argument(r, "kinds")) && fill_nodes(&m, &q))
			answer_json(r, 200,
			            json_pack("{s:o,s:o,s:b}", "nodes", values_of(m.nodes), "edges",
			                      values_of(m.edges), "more", m.more));
		else
			api_store_failed(a, r);
	}
	json_decref(m.nodes);
	json_decref(m.edges);
}
