package io.sheepdog.cli.attach;

import static io.sheepdog.cli.attach.Quoting.option;
import static io.sheepdog.cli.attach.Quoting.quoted;
import static io.sheepdog.cli.attach.Quoting.word;
import static io.sheepdog.cli.attach.Quoting.xml;

import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What each program is told. */
final class AttachLines {
  /** Seconds for which a machine waits for a sheep that is started again. */
  private static final int RECONNECT_DELAY = 60;

  private final Place place;
  private final String export;
  private final boolean readOnly;
  private final String node;

  /**
   * @param export name of the export
   * @param vid of the VDI or snapshot: makes names unique that QEMU wants to be so
   */
  AttachLines(Place place, String export, boolean readOnly, VdiId vid) {
    this.place = place;
    this.export = export;
    this.readOnly = readOnly;
    this.node = "sheepdog-" + vid;
  }

  /** QEMU's name of the block device. */
  String node() {
    return node;
  }

  /** By program: what it is given. */
  Map<String, String> all() {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("QEMU drive", drive());
    lines.put("QEMU blockdev", blockdev());
    lines.put("libvirt", libvirt());
    lines.put("nbd-client", nbdClient());
    lines.put("nbdcopy", "nbdcopy " + word(uri()) + " FILE");
    lines.put("nbdfuse", nbdfuse());
    return lines;
  }

  private String drive() {
    String nbd = nbdOptions().stream().map(o -> "file." + o).collect(Collectors.joining(","));
    return tlsObject()
        + "-drive "
        + quoted("if=virtio,format=raw," + nbd + (readOnly ? ",readonly=on" : ",discard=unmap"));
  }

  private String blockdev() {
    String options = "node-name=" + node + "," + String.join(",", nbdOptions());
    return tlsObject()
        + "-blockdev "
        + quoted(options + (readOnly ? ",read-only=on" : ",discard=unmap"))
        + " -device virtio-blk-pci,drive="
        + node;
  }

  private List<String> nbdOptions() {
    List<String> options = new ArrayList<>();
    options.add("driver=nbd");
    if (place instanceof Place.Tcp tcp) {
      options.add("server.type=inet");
      options.add("server.host=" + option(tcp.host()));
      options.add("server.port=" + tcp.port());
      if (tcp.tls() != null) {
        options.add("tls-creds=" + tlsId());
      }
    } else if (place instanceof Place.Unix unix) {
      options.add("server.type=unix");
      options.add("server.path=" + option(unix.socket()));
    }
    options.add("export=" + option(export));
    options.add("reconnect-delay=" + RECONNECT_DELAY);
    return options;
  }

  private String tlsId() {
    return node + "-tls";
  }

  private String tlsObject() {
    return place instanceof Place.Tcp tcp && tcp.tls() != null
        ? "-object "
            + quoted(
                "tls-creds-x509,id="
                    + tlsId()
                    + ",endpoint=client,dir="
                    + option(tcp.tls().directory().toString()))
            + " "
        : "";
  }

  private String libvirt() {
    String tls = "";
    String host = "";
    if (place instanceof Place.Tcp tcp) {
      tls = tcp.tls() == null ? "" : " tls='yes'";
      host = "<host name='" + xml(tcp.host()) + "' port='" + tcp.port() + "'/>";
    } else if (place instanceof Place.Unix unix) {
      host = "<host transport='unix' socket='" + xml(unix.socket()) + "'/>";
    }
    return "<disk type='network' device='disk'><driver name='qemu' type='raw' discard='unmap'/>"
        + ("<source protocol='nbd' name='" + xml(export) + "'" + tls + ">" + host + "</source>")
        + "<target dev='vda' bus='virtio'/>"
        + (readOnly ? "<readonly/>" : "")
        + "</disk>";
  }

  private String nbdClient() {
    String device = " /dev/nbd0 -name " + quoted(export) + (readOnly ? " -readonly" : "");
    if (place instanceof Place.Tcp tcp) {
      Place.Tls tls = tcp.tls();
      return "nbd-client " + tcp.host() + " " + tcp.port() + device + (tls == null ? "" : of(tls));
    }
    return "nbd-client -unix " + word(((Place.Unix) place).socket()) + device;
  }

  private static String of(Place.Tls tls) {
    String authority = " -enable-tls -cacertfile " + word(tls.file("ca-cert.pem"));
    return tls.verify()
        ? authority
            + (" -certfile " + word(tls.file("client-cert.pem")))
            + (" -keyfile " + word(tls.file("client-key.pem")))
        : authority;
  }

  /**
   * A URI that names certificates is not taken by nbdfuse (nothing local is), so QEMU's server
   * stands between.
   */
  private String nbdfuse() {
    if (!(place instanceof Place.Tcp tcp) || tcp.tls() == null) {
      return "nbdfuse DIRECTORY " + word(uri());
    }
    return "nbdfuse DIRECTORY [ qemu-nbd "
        + (readOnly ? "-r " : "")
        + tlsObject().replaceFirst("-object", "--object")
        + "--image-opts "
        + quoted(String.join(",", nbdOptions()))
        + " ]";
  }

  /** The URI of libnbd's tools. */
  String uri() {
    String path = "/" + Quoting.uri(export, false);
    if (place instanceof Place.Tcp tcp) {
      Place.Tls tls = tcp.tls();
      return tls == null
          ? "nbd://" + tcp.authority() + path
          : "nbds://"
              + tcp.authority()
              + path
              + "?tls-certificates="
              + Quoting.uri(tls.directory().toString(), true);
    }
    return "nbd+unix://" + path + "?socket=" + Quoting.uri(((Place.Unix) place).socket(), true);
  }
}
