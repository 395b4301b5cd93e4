package io.sheepdog.corosyncconf.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The host that this program runs on. */
final class SystemHost implements LocalHost {
  private static final Path NAME = Path.of("/proc/sys/kernel/hostname");

  @Override
  public String name() {
    try {
      return Files.readString(NAME).strip();
    } catch (IOException e) {
      // not Linux: the variable that shells set there is all that is left without a lookup
      return System.getenv().getOrDefault("HOSTNAME", "");
    }
  }

  @Override
  public Set<InetAddress> addresses() {
    Set<InetAddress> addresses = new HashSet<>();
    try {
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        addresses.addAll(Collections.list(each.getInetAddresses()));
      }
    } catch (SocketException e) {
      // nothing is known then, and the finding says that no entry is local
      return Set.of();
    }
    return addresses;
  }

  @Override
  public List<InetAddress> resolve(String name) {
    try {
      return List.of(InetAddress.getAllByName(name));
    } catch (UnknownHostException e) {
      return List.of();
    }
  }

  @Override
  public boolean holds(Path file, int bytes) {
    try {
      return Files.size(file) >= bytes;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      // its directory may be closed to this user, which says nothing about the file
      return true;
    }
  }
}
