package io.sheepdog.corosyncconf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The files of these tests. */
public final class Files {
  /** Names of the files that nothing is wrong with. */
  public static final List<String> GOOD =
      List.of(
          "debian12-shipped",
          "upstream-example-filled-in",
          "knet-three",
          "knet-two-links-secure",
          "knet-ipv6",
          "multicast-eight",
          "multicast-by-name",
          "udpu-without-names",
          "host-names",
          "quorum-device",
          "windows-line-ends");

  private Files() {}

  /** A file that nothing is wrong with. */
  public static byte[] good(String name) {
    return read("good/" + name + ".conf");
  }

  /** The same as text. */
  public static String text(String name) {
    return new String(good(name), StandardCharsets.UTF_8);
  }

  /** The file of the guide of May 2010, comment and all. */
  public static byte[] guide() {
    return read("guide/corosync-2010.conf");
  }

  private static byte[] read(String name) {
    try (InputStream in = Files.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
