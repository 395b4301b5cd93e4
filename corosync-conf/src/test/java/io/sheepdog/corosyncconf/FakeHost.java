package io.sheepdog.corosyncconf;

import io.sheepdog.corosyncconf.host.LocalHost;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A host of our own making. */
public final class FakeHost implements LocalHost {
  private final String name;
  private final Set<InetAddress> addresses = new HashSet<>();
  private final Map<String, InetAddress> names = new HashMap<>();
  private boolean hasKey = true;

  private FakeHost(String name) {
    this.name = name;
  }

  /** A host of that name, with a key file. */
  public static FakeHost of(String name, String... addresses) {
    FakeHost host = new FakeHost(name);
    for (String address : addresses) {
      host.addresses.add(inet(address));
    }
    return host;
  }

  /** The first node of every file of these tests. */
  public static FakeHost first() {
    return of("localbox", "127.0.0.1", "192.168.0.1", "192.50.109.182", "fd00::1")
        .knowing("node1.example.org", "192.168.0.1")
        .knowing("node2.example.org", "192.168.0.2");
  }

  /** Its resolver knows that name. */
  public FakeHost knowing(String hostName, String address) {
    names.put(hostName, inet(address));
    return this;
  }

  /** There is no key file. */
  public FakeHost withoutKey() {
    hasKey = false;
    return this;
  }

  private static InetAddress inet(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<InetAddress> addresses() {
    return addresses;
  }

  @Override
  public List<InetAddress> resolve(String hostName) {
    InetAddress address = names.get(hostName);
    return address == null ? List.of() : List.of(address);
  }

  @Override
  public boolean holds(Path file, int bytes) {
    return hasKey;
  }
}
