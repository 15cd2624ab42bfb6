# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# xserver - an X server without a screen that is reached over the network, one by VNC, and who asks them.

packages xvfb x11-utils tigervnc-standalone-server tigervnc-viewer
host display 96
host vnc 97
host looker 98

expect <<-END
	display	service		tcp/6000
	display	x11.vendor	The X.Org Foundation 12101007
	vnc	service		tcp/5900
	vnc	vnc.version	003.008
	looker	vnc.version	003.008
END

# what is concluded of them
expect <<-END
	display	runs	X.Org
	display	os	Linux
	display	unknowable	type nothing on the wire says what kind of machine it is
	display	unknowable	does a display of its own is no role
	vnc	os	Linux
	vnc	unknowable	type nothing on the wire says what kind of machine it is
	vnc	unknowable	runs VNC does not name the program
	vnc	unknowable	does a display of its own is no role
	looker	os	Linux
	looker	unknowable	type nothing on the wire says what kind of machine it is
	looker	unknowable	runs VNC does not name the program
	looker	unknowable	does it only asks others
END

run() {
	start display Xvfb :0 -listen tcp -ac -nolisten unix
	start vnc Xtigervnc :1 -rfbport 5900 -SecurityTypes None -desktop lab -nolisten unix
	listening display tcp 6000
	listening vnc tcp 5900
	at looker timeout 20 xdpyinfo -display "$(ip4 display):0"
	at looker env DISPLAY="$(ip4 display):0" timeout 8 xtigervncviewer -SecurityTypes None "$(ip4 vnc)::5900"
}
