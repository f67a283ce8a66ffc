# One libtorrent session under remote control: a JSON object a line on standard
# input, one back on standard output, alerts on standard error. It ends with its
# standard input.
import json
import os
import select
import sys

import libtorrent as lt

CATEGORIES = lt.alert.category_t
UTP, RC4 = 1 << 17, 1 << 19  # peer_info flags that the Python binding does not name


def settings(o):
    policy = {"plain": (2, 1), "prefer": (1, 3), "encrypted": (0, 2)}[o["Encryption"]]
    utp, tcp = o["Transport"] != "tcp", o["Transport"] != "utp"
    return {
        "listen_interfaces": ",".join(o["Listen"]),
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "out_enc_policy": policy[0],
        "in_enc_policy": policy[0],
        "allowed_enc_level": policy[1],
        "prefer_rc4": True,
        "enable_outgoing_utp": utp,
        "enable_incoming_utp": utp,
        "enable_outgoing_tcp": tcp,
        "enable_incoming_tcp": tcp,
        "mixed_mode_algorithm": 0,
        "min_announce_interval": 1,
        "min_reconnect_time": 1,
        "download_rate_limit": o["Down"],
        "upload_rate_limit": o["Up"],
        "alert_mask": CATEGORIES.error_notification
        | CATEGORIES.peer_notification
        | CATEGORIES.connect_notification
        | CATEGORIES.status_notification
        | CATEGORIES.tracker_notification
        | CATEGORIES.storage_notification,
    }


class Lab:
    def __init__(self):
        self.session = None

    def alerts(self):
        for a in self.session.pop_alerts() if self.session else ():
            print(type(a).__name__, a.message(), file=sys.stderr, flush=True)

    def start(self, o):
        self.session = lt.session(settings(o), flags=3 if o.get("PEX") else 0)
        # By default peers of local networks are bound by no limit.
        everybody = lt.ip_filter()
        everybody.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
        everybody.add_rule("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1 << lt.session.global_peer_class_id)
        self.session.set_peer_class_filter(everybody)
        if not o.get("PEX"):
            for plugin in ("ut_metadata", "smart_ban"):
                self.session.add_extension(plugin)
        return {}

    def port(self, o):
        return self.session.listen_port()

    def add(self, o):
        if "Magnet" in o:
            p = lt.parse_magnet_uri(o["Magnet"])
        else:
            p = lt.add_torrent_params()
            p.ti = lt.torrent_info(o["File"])
        p.save_path = o["Dir"]
        p.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
        self.session.add_torrent(p)
        return {}

    def create(self, o):
        files = lt.file_storage()
        lt.add_files(files, o["Dir"])
        only = lt.create_torrent.v2_only if o.get("V2") else 0
        torrent = lt.create_torrent(files, o["PieceLen"], only)
        lt.set_piece_hashes(torrent, os.path.dirname(o["Dir"]))
        with open(o["File"], "wb") as out:
            out.write(lt.bencode(torrent.generate()))
        return str(lt.torrent_info(o["File"]).info_hashes().get_best())

    def handle(self, o):
        h = self.session.find_torrent(lt.sha1_hash(bytes.fromhex(o["IH"])))
        if not h.is_valid():
            raise KeyError("unknown torrent")
        return h

    def peer(self, o):
        ip, port = o["Addr"].rsplit(":", 1)
        self.handle(o).connect_peer((ip.strip("[]"), int(port)))
        return {}

    def progress(self, o):
        s = self.handle(o).status()
        return {
            "Size": s.total_wanted,
            "Done": s.total_wanted_done,
            "Complete": s.is_seeding,
            "Downloaded": s.total_payload_download,
            "Uploaded": s.total_payload_upload,
            "State": str(s.state),
            "Error": s.errc.message() if s.errc.value() else "",
        }

    def peers(self, o):
        out = []
        for p in self.handle(o).get_peer_info():
            if p.flags & (lt.peer_info.connecting | lt.peer_info.handshake):
                continue
            out.append(
                {
                    "Addr": ("[%s]:%d" if ":" in p.ip[0] else "%s:%d") % p.ip,
                    "Client": p.client.decode("utf-8", "replace"),
                    "Down": p.payload_down_speed,
                    "Up": p.payload_up_speed,
                    "ChokesUs": bool(p.flags & lt.peer_info.remote_choked),
                    "Choked": bool(p.flags & lt.peer_info.choked),
                    "Encrypted": bool(p.flags & RC4),
                    "UTP": bool(p.flags & UTP),
                    "Flags": hex(p.flags),
                }
            )
        return out

    def limits(self, o):
        self.session.apply_settings({"download_rate_limit": o["Down"], "upload_rate_limit": o["Up"]})
        return {}


    def answer(self, o):
        try:
            return {"OK": getattr(self, o["Op"])(o)}
        except KeyError as e:
            return {"Error": str(e), "Unknown": True}
        except Exception as e:
            return {"Error": repr(e)}


def main():
    lab, rest = Lab(), b""
    while True:
        lab.alerts()
        if not select.select([0], [], [], 0.1)[0]:
            continue
        got = os.read(0, 1 << 16)
        if not got:
            return
        *lines, rest = (rest + got).split(b"\n")
        for line in lines:
            print(json.dumps(lab.answer(json.loads(line))), flush=True)


main()
