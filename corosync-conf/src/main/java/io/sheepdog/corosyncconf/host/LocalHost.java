package io.sheepdog.corosyncconf.host;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What a check has to know of the host that corosync is to run on. */
public interface LocalHost {
  /** Its name as uname(2) tells it; corosync looks for that in the nodelist first. */
  String name();

  /** The addresses of its network interfaces. */
  Set<InetAddress> addresses();

  /** The addresses of a host name, empty if it has none. May take as long as the resolver does. */
  List<InetAddress> resolve(String name);

  /** Whether that file is there and holds at least so many bytes, as far as this user may see. */
  boolean holds(Path file, int bytes);

  /** The host that this program runs on. */
  static LocalHost system() {
    return new SystemHost();
  }
}
