CREATE TABLE sensor(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, boot INTEGER NOT NULL, seq INTEGER NOT NULL, full INTEGER NOT NULL DEFAULT 0, time_ns INTEGER NOT NULL DEFAULT 0, heard_ns INTEGER NOT NULL DEFAULT 0, version TEXT NOT NULL DEFAULT '', health TEXT NOT NULL DEFAULT '', refused INTEGER NOT NULL DEFAULT 0);
CREATE TABLE device(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, realm TEXT NOT NULL, mac TEXT NOT NULL, ip TEXT NOT NULL, via TEXT NOT NULL, mac_kind TEXT NOT NULL, vendor TEXT NOT NULL, name TEXT NOT NULL, os TEXT NOT NULL, model TEXT NOT NULL, roles TEXT NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, sensors INTEGER NOT NULL, type TEXT NOT NULL DEFAULT '', facets BLOB NOT NULL DEFAULT x'', ip_order TEXT NOT NULL DEFAULT '');
CREATE INDEX device_last ON device(last_ns, id);
CREATE TABLE record(id INTEGER PRIMARY KEY, sensor INTEGER NOT NULL REFERENCES sensor, key TEXT NOT NULL, device INTEGER NOT NULL REFERENCES device, boot INTEGER NOT NULL, seq INTEGER NOT NULL, digest INTEGER NOT NULL, line TEXT NOT NULL, facets BLOB NOT NULL DEFAULT x'', packets INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, UNIQUE(sensor, key));
CREATE INDEX record_device ON record(device);
CREATE TABLE term(id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL, devices INTEGER NOT NULL DEFAULT 0, UNIQUE(field, value));
CREATE TABLE has(term INTEGER NOT NULL, device INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY(term, device, record)) WITHOUT ROWID;
CREATE INDEX has_record ON has(record);
CREATE VIRTUAL TABLE find USING fts5(value, content='term', content_rowid='id', tokenize='trigram');
CREATE TABLE change(id INTEGER PRIMARY KEY, sensor INTEGER NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL, time_ns INTEGER NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, line TEXT NOT NULL, seen_ns INTEGER NOT NULL DEFAULT 0, UNIQUE(sensor, boot, seq, time_ns));
CREATE INDEX change_key ON change(key);
CREATE TABLE aside(id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, why TEXT NOT NULL, line BLOB NOT NULL);
CREATE TABLE said(key TEXT PRIMARY KEY, note TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '');
CREATE INDEX term_devices ON term(field, devices) WHERE devices > 0;
CREATE TABLE tie(key INTEGER NOT NULL, device INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY(key, device, record)) WITHOUT ROWID;
CREATE INDEX tie_record ON tie(record);
CREATE TABLE activity(record INTEGER NOT NULL, span INTEGER NOT NULL, start INTEGER NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY(record, span, start)) WITHOUT ROWID;
CREATE INDEX change_unseen ON change(id) WHERE seen_ns = 0;
CREATE TABLE mute(id INTEGER PRIMARY KEY, what TEXT NOT NULL, query TEXT NOT NULL, note TEXT NOT NULL, made_ns INTEGER NOT NULL);
CREATE INDEX device_name ON device(lower(name), id);
CREATE INDEX device_ip ON device(ip_order, id);
INSERT INTO "sensor" VALUES(1,'s',1,6,0,1795410006000000000,1795468748361583065,'','',0);
INSERT INTO "sensor" VALUES(2,'t',1,1,0,1795410000000000000,1795468748361377949,'','',0);
INSERT INTO "device" VALUES(1,'
02:00:00:00:00:01
','','02:00:00:00:00:01','10.0.0.1','','random','Acme','port-one','Linux','','switch',1795406460000000000,1795410060000000000,4,40,1,'',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000','40a000001');
INSERT INTO "device" VALUES(2,'
02:00:00:00:00:02
','','02:00:00:00:00:02','10.0.0.2','','random','Acme','port-two','Linux','','switch',1795406520000000000,1795410120000000000,7,70,2,'',x'00010000000104000000030800000004060000000707000000080b000000080f0000000a0a000000','40a000002');
INSERT INTO "device" VALUES(3,'
02:00:00:00:00:03
','','02:00:00:00:00:03','10.0.0.3','','random','Acme','alone','Linux','','switch',1795406580000000000,1795410180000000000,9,90,1,'',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000','40a000003');
INSERT INTO "device" VALUES(4,'
02:00:00:00:00:09
','','02:00:00:00:00:09','10.0.0.9','','random','Acme','','Linux','','switch',1795406640000000000,1795410240000000000,1,10,1,'',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000','40a000009');
INSERT INTO "record" VALUES(1,1,'
02:00:00:00:00:01
',1,1,1,2241101683670767286,'{"schema": "havainto/1", "type": "device", "sensor": "s", "boot": 1, "seq": 1, "time": "2026-11-23T05:00:00.000000Z", "full": false, "device": {"mac": "02:00:00:00:00:01", "realm": "", "vendor": "Acme", "mac_kind": "random", "name": "port-one", "os": "Linux", "model": "", "roles": ["switch"], "first_seen": "2026-11-23T04:01:00.000000Z", "last_seen": "2026-11-23T05:01:00.000000Z", "packets": 4, "bytes": 40, "facts": [{"kind": "lldp.chassis_id", "value": "02:00:00:00:00:09", "by": "lldp"}, {"kind": "address.ipv4", "value": "10.0.0.1", "grade": "owner"}, {"kind": "service", "value": "tcp/22"}]}}',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000',4,40);
INSERT INTO "record" VALUES(2,1,'
02:00:00:00:00:02
',2,1,2,-2295302459665075223,'{"schema": "havainto/1", "type": "device", "sensor": "s", "boot": 1, "seq": 2, "time": "2026-11-23T05:00:00.000000Z", "full": false, "device": {"mac": "02:00:00:00:00:02", "realm": "", "vendor": "Acme", "mac_kind": "random", "name": "port-two", "os": "Linux", "model": "", "roles": ["switch"], "first_seen": "2026-11-23T04:02:00.000000Z", "last_seen": "2026-11-23T05:02:00.000000Z", "packets": 6, "bytes": 60, "facts": [{"kind": "lldp.chassis_id", "value": "02:00:00:00:00:09", "by": "lldp"}, {"kind": "address.ipv4", "value": "10.0.0.2", "grade": "owner"}, {"kind": "service", "value": "tcp/22"}]}}',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000',6,60);
INSERT INTO "record" VALUES(3,2,'
02:00:00:00:00:02
',2,1,1,-2295302459665075223,'{"schema": "havainto/1", "type": "device", "sensor": "t", "boot": 1, "seq": 1, "time": "2026-11-23T05:00:00.000000Z", "full": false, "device": {"mac": "02:00:00:00:00:02", "realm": "", "vendor": "Acme", "mac_kind": "random", "name": "port-two", "os": "Linux", "model": "", "roles": ["switch"], "first_seen": "2026-11-23T04:02:00.000000Z", "last_seen": "2026-11-23T05:02:00.000000Z", "packets": 7, "bytes": 70, "facts": [{"kind": "lldp.chassis_id", "value": "02:00:00:00:00:09", "by": "lldp"}, {"kind": "address.ipv4", "value": "10.0.0.2", "grade": "owner"}, {"kind": "service", "value": "tcp/22"}]}}',x'00010000000104000000030800000004060000000707000000080f0000000a0a000000',7,70);
INSERT INTO "record" VALUES(4,1,'
02:00:00:00:00:03
',3,1,3,367406423166173269,'{"schema": "havainto/1", "type": "device", "sensor": "s", "boot": 1, "seq": 3, "time": "2026-11-23T05:00:00.000000Z", "full": false, "device": {"mac": "02:00:00:00:00:03", "realm": "", "vendor": "Acme", "mac_kind": "random", "name": "alone", "os": "Linux", "model": "", "roles": ["switch"], "first_seen": "2026-11-23T04:03:00.000000Z", "last_seen": "2026-11-23T05:03:00.000000Z", "packets": 9, "bytes": 90, "facts": [{"kind": "address.ipv4", "value": "10.0.0.3", "grade": "owner"}, {"kind": "service", "value": "tcp/22"}]}}',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000',9,90);
INSERT INTO "record" VALUES(5,1,'
02:00:00:00:00:09
',4,1,4,3471217889742525005,'{"schema": "havainto/1", "type": "device", "sensor": "s", "boot": 1, "seq": 4, "time": "2026-11-23T05:00:00.000000Z", "full": false, "device": {"mac": "02:00:00:00:00:09", "realm": "", "vendor": "Acme", "mac_kind": "random", "name": "", "os": "Linux", "model": "", "roles": ["switch"], "first_seen": "2026-11-23T04:04:00.000000Z", "last_seen": "2026-11-23T05:04:00.000000Z", "packets": 1, "bytes": 10, "facts": [{"kind": "lldp.chassis_id", "value": "02:00:00:00:00:09", "by": "lldp"}, {"kind": "address.ipv4", "value": "10.0.0.9", "grade": "owner"}, {"kind": "service", "value": "tcp/22"}]}}',x'00010000000104000000030800000004060000000707000000080b0000000a0a000000',1,10);
INSERT INTO "term" VALUES(1,'','',4);
INSERT INTO "term" VALUES(2,'mac','02:00:00:00:00:01',0);
INSERT INTO "term" VALUES(3,'ip','10.0.0.1',0);
INSERT INTO "term" VALUES(4,'vendor','Acme',4);
INSERT INTO "term" VALUES(5,'name','port-one',0);
INSERT INTO "term" VALUES(6,'os','Linux',4);
INSERT INTO "term" VALUES(7,'subnet','10.0.0.0/24',4);
INSERT INTO "term" VALUES(8,'role','switch',4);
INSERT INTO "term" VALUES(9,'lldp.chassis_id','02:00:00:00:00:09',0);
INSERT INTO "term" VALUES(10,'service','tcp/22',4);
INSERT INTO "term" VALUES(11,'sensor','s',4);
INSERT INTO "term" VALUES(12,'mac','02:00:00:00:00:02',0);
INSERT INTO "term" VALUES(13,'ip','10.0.0.2',0);
INSERT INTO "term" VALUES(14,'name','port-two',0);
INSERT INTO "term" VALUES(15,'sensor','t',1);
INSERT INTO "term" VALUES(16,'mac','02:00:00:00:00:03',0);
INSERT INTO "term" VALUES(17,'ip','10.0.0.3',0);
INSERT INTO "term" VALUES(18,'name','alone',0);
INSERT INTO "term" VALUES(19,'mac','02:00:00:00:00:09',0);
INSERT INTO "term" VALUES(20,'ip','10.0.0.9',0);
INSERT INTO "has" VALUES(2,1,1);
INSERT INTO "has" VALUES(3,1,1);
INSERT INTO "has" VALUES(4,1,1);
INSERT INTO "has" VALUES(5,1,1);
INSERT INTO "has" VALUES(6,1,1);
INSERT INTO "has" VALUES(7,1,1);
INSERT INTO "has" VALUES(8,1,1);
INSERT INTO "has" VALUES(9,1,1);
INSERT INTO "has" VALUES(10,1,1);
INSERT INTO "has" VALUES(11,1,1);
INSERT INTO "has" VALUES(4,2,2);
INSERT INTO "has" VALUES(6,2,2);
INSERT INTO "has" VALUES(7,2,2);
INSERT INTO "has" VALUES(8,2,2);
INSERT INTO "has" VALUES(9,2,2);
INSERT INTO "has" VALUES(10,2,2);
INSERT INTO "has" VALUES(11,2,2);
INSERT INTO "has" VALUES(12,2,2);
INSERT INTO "has" VALUES(13,2,2);
INSERT INTO "has" VALUES(14,2,2);
INSERT INTO "has" VALUES(4,2,3);
INSERT INTO "has" VALUES(6,2,3);
INSERT INTO "has" VALUES(7,2,3);
INSERT INTO "has" VALUES(8,2,3);
INSERT INTO "has" VALUES(9,2,3);
INSERT INTO "has" VALUES(10,2,3);
INSERT INTO "has" VALUES(12,2,3);
INSERT INTO "has" VALUES(13,2,3);
INSERT INTO "has" VALUES(14,2,3);
INSERT INTO "has" VALUES(15,2,3);
INSERT INTO "has" VALUES(4,3,4);
INSERT INTO "has" VALUES(6,3,4);
INSERT INTO "has" VALUES(7,3,4);
INSERT INTO "has" VALUES(8,3,4);
INSERT INTO "has" VALUES(10,3,4);
INSERT INTO "has" VALUES(11,3,4);
INSERT INTO "has" VALUES(16,3,4);
INSERT INTO "has" VALUES(17,3,4);
INSERT INTO "has" VALUES(18,3,4);
INSERT INTO "has" VALUES(4,4,5);
INSERT INTO "has" VALUES(6,4,5);
INSERT INTO "has" VALUES(7,4,5);
INSERT INTO "has" VALUES(8,4,5);
INSERT INTO "has" VALUES(9,4,5);
INSERT INTO "has" VALUES(10,4,5);
INSERT INTO "has" VALUES(11,4,5);
INSERT INTO "has" VALUES(19,4,5);
INSERT INTO "has" VALUES(20,4,5);
INSERT INTO "change" VALUES(1,1,1,5,1795410005000000000,'device.new','
02:00:00:00:00:02
','{"schema": "havainto/1", "type": "change", "sensor": "s", "boot": 1, "seq": 5, "time": "2026-11-23T05:00:05.000000Z", "what": "device.new", "mac": "02:00:00:00:00:02", "realm": ""}',0);
INSERT INTO "change" VALUES(2,1,1,6,1795410006000000000,'device.new','
02:00:00:00:00:03
','{"schema": "havainto/1", "type": "change", "sensor": "s", "boot": 1, "seq": 6, "time": "2026-11-23T05:00:06.000000Z", "what": "device.new", "mac": "02:00:00:00:00:03", "realm": ""}',0);
INSERT INTO "said" VALUES('
02:00:00:00:00:02
','behind the rack','core','');
INSERT INTO "said" VALUES('
02:00:00:00:00:03
','','','Ada');
INSERT INTO "tie" VALUES(2199023255553,1,1);
INSERT INTO "tie" VALUES(2199023255561,1,1);
INSERT INTO "tie" VALUES(2199023255561,2,2);
INSERT INTO "tie" VALUES(2199023255561,2,3);
INSERT INTO "tie" VALUES(2199023255555,3,4);
INSERT INTO "tie" VALUES(2199023255561,4,5);
INSERT INTO "activity" VALUES(1,0,498725,4,40);
INSERT INTO "activity" VALUES(2,0,498725,6,60);
INSERT INTO "activity" VALUES(3,0,498725,7,70);
INSERT INTO "activity" VALUES(4,0,498725,9,90);
INSERT INTO "activity" VALUES(5,0,498725,1,10);
INSERT INTO find(find) VALUES('rebuild');
PRAGMA user_version = 3;
