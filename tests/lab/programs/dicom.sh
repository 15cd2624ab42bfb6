# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# dicom - an archive of medical images, and a scanner that asks whether it is there.

packages dcmtk
host archive 101
host scanner 102

expect <<-END
	archive	dicom.ae		LABARCHIVE
	archive	dicom.implementation	1.2.276.0.7230010.3.0.3.6.7
	archive	dicom.version		OFFIS_DCMTK_367
	archive	service			tcp/11112
	scanner	dicom.ae		LABSCANNER
	scanner	dicom.implementation	1.2.276.0.7230010.3.0.3.6.7
	scanner	dicom.version		OFFIS_DCMTK_367
END

# what is concluded of them
expect <<-END
	archive	os	Linux
	archive	runs	DCMTK $(version dcmtk)
	archive	unknowable	type nothing on the wire says what kind of machine it is
	archive	unknowable	does DICOM: who is asked may ask next
	scanner	os	Linux
	scanner	runs	DCMTK $(version dcmtk)
	scanner	unknowable	type nothing on the wire says what kind of machine it is
	scanner	unknowable	does DICOM: who is asked may ask next
END

run() {
	start archive storescp -aet LABARCHIVE 11112
	listening archive tcp 11112
	at scanner echoscu -aet LABSCANNER -aec LABARCHIVE "$(ip4 archive)" 11112
}
