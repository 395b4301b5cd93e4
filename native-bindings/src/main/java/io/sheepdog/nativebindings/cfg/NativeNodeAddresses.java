package io.sheepdog.nativebindings.cfg;

import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.LargeStack;
import io.sheepdog.nativebindings.NativeLibraries;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Asks libcfg, on a connection of its own each time. */
final class NativeNodeAddresses implements NodeAddresses {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  /** Where in a struct sockaddr_in and sockaddr_in6 the address is, and how long. */
  private static final int IPV4_OFFSET = 4;

  private static final int IPV4_BYTES = 4;
  private static final int IPV6_OFFSET = 8;
  private static final int IPV6_BYTES = 16;

  @Override
  public List<InetAddress> ofThisNode() throws CorosyncException {
    return ask(
        (library, handle) -> {
          IntByReference local = new IntByReference();
          CorosyncException.check(
              "corosync_cfg_local_get", library.corosync_cfg_local_get(handle, local));
          return addresses(library, handle, local.getValue());
        });
  }

  @Override
  public List<InetAddress> of(int nodeId) throws CorosyncException {
    return ask((library, handle) -> addresses(library, handle, nodeId));
  }

  private interface Question {
    List<InetAddress> ask(CfgLibrary library, long handle) throws CorosyncException;
  }

  private static List<InetAddress> ask(Question question) throws CorosyncException {
    return LargeStack.call("corosync-cfg", () -> connected(question));
  }

  private static List<InetAddress> connected(Question question) throws CorosyncException {
    CfgLibrary library =
        NativeLibraries.load(CfgLibrary.class, CfgLibrary.NAME, CfgLibrary.DEBIAN_PACKAGE);
    LongByReference handle = new LongByReference();
    CorosyncException.check(
        "corosync_cfg_initialize", library.corosync_cfg_initialize(handle, null));
    try {
      return question.ask(library, handle.getValue());
    } finally {
      library.corosync_cfg_finalize(handle.getValue());
    }
  }

  private static List<InetAddress> addresses(CfgLibrary library, long handle, int nodeId)
      throws CorosyncException {
    int size = CfgLibrary.NODE_ADDRESS_BYTES;
    IntByReference count = new IntByReference();
    try (Memory memory = new Memory((long) CfgLibrary.CFG_MAX_LINKS * size)) {
      memory.clear();
      CorosyncException.check(
          "corosync_cfg_get_node_addrs",
          library.corosync_cfg_get_node_addrs(
              handle, nodeId, new NativeLong(CfgLibrary.CFG_MAX_LINKS), count, memory));
      List<InetAddress> addresses = new ArrayList<>();
      for (int i = 0; i < Math.min(count.getValue(), CfgLibrary.CFG_MAX_LINKS); i++) {
        add(addresses, memory, (long) i * size + CfgLibrary.ADDRESS_OFFSET);
      }
      return addresses;
    }
  }

  /** Links that are not configured have no family. */
  private static void add(List<InetAddress> addresses, Memory memory, long socketAddress) {
    byte[] bytes;
    switch (memory.getShort(socketAddress)) {
      case AF_INET -> bytes = memory.getByteArray(socketAddress + IPV4_OFFSET, IPV4_BYTES);
      case AF_INET6 -> bytes = memory.getByteArray(socketAddress + IPV6_OFFSET, IPV6_BYTES);
      default -> {
        return;
      }
    }
    try {
      addresses.add(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 4 or 16 bytes is one", e);
    }
  }
}
