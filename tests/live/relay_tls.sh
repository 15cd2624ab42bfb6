#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The same over TLS (relay.sh): nothing is lost, nothing doubled.
OVER=tls exec tests/live/relay.sh
