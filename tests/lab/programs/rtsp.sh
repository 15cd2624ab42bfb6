# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# rtsp - a camera that GStreamer plays, and who watches it.

packages python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-tools
host webcam 143
host watcher 144

expect <<-END
	webcam	rtsp.server	GStreamer RTSP server
	webcam	service		tcp/8554
	watcher	rtsp.user_agent	Lab watcher/1
END

# what is concluded of them
expect <<-END
	webcam	os	Linux
	webcam	runs	GStreamer RTSP server
	webcam	unknowable	type nothing on the wire says what kind of machine it is
	webcam	unknowable	does RTSP: cameras, recorders and players all serve it
	watcher	os	Linux
	watcher	unknowable	type nothing on the wire says what kind of machine it is
	watcher	unknowable	runs RTSP with a User-Agent of the owner's does not name the program
	watcher	unknowable	does it only asks others
END

run() {
	cat >"$dir/camera.py" <<-'END'
		import sys
		import gi
		gi.require_version("GstRtspServer", "1.0")
		from gi.repository import GLib, Gst, GstRtspServer
		Gst.init(None)
		server = GstRtspServer.RTSPServer.new()
		server.set_address(sys.argv[1])
		factory = GstRtspServer.RTSPMediaFactory.new()
		factory.set_launch("( videotestsrc ! video/x-raw,width=64,height=64 ! jpegenc ! rtpjpegpay name=pay0 )")
		server.get_mount_points().add_factory("/lab", factory)
		server.attach(None)
		GLib.MainLoop().run()
	END
	export HOME="$dir" GST_REGISTRY="$dir/registry"
	start webcam /usr/bin/python3 "$dir/camera.py" "$(ip4 webcam)"
	listening webcam tcp 8554
	at watcher timeout 8 gst-launch-1.0 rtspsrc location="rtsp://$(ip4 webcam):8554/lab" user-agent='Lab watcher/1' ! fakesink num-buffers=3
}
