/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port.h - numbers that must not be mixed: transport ports and VLAN ids.
 */
#pragma once

#include <stdint.h>

struct port {
	uint16_t n;
};

struct vlan_id {
	uint16_t n; /* 1..4094; 0: none */
};
