package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfText;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Encryption and its key: corosync.conf(5), corosync-keygen(8). */
final class CryptoRule implements Rule {
  private static final String DEFAULT_KEY = "/etc/corosync/authkey";
  private static final int SHORTEST_KEY = 128;
  private static final int LONGEST_KEY = 4096;

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    ConfEntry cipher = strength(text, "crypto_cipher");
    ConfEntry hash = strength(text, "crypto_hash");
    ConfEntry secauth = text.entry("totem", "secauth");
    secauth = secauth != null && secauth.value().equals("on") ? secauth : null;
    boolean hashIsNone = "none".equals(text.value("totem", "crypto_hash"));
    if (cipher != null && hash == null && (secauth == null || hashIsNone)) {
      findings.error(
          cipher.line(),
          "crypto-hash-missing",
          Findings.quoted(cipher) + " needs crypto_hash",
          "corosync refuses the file: crypto_cipher requires crypto_hash",
          "write 'crypto_hash: sha256' into totem");
    }
    ConfEntry first = cipher != null ? cipher : hash != null ? hash : secauth;
    if (first == null) {
      return;
    }
    Totem totem = new Totem(text);
    if (!totem.isKnet()) {
      findings.error(
          first.line(),
          "crypto-transport",
          Findings.quoted(first) + " does not go with transport " + totem.transport(),
          "corosync refuses the file: only knet encrypts and authenticates",
          "write 'transport: knet', or remove it and keep strangers out of the network");
    }
    key(text, host, first, findings);
  }

  private static @Nullable ConfEntry strength(ConfText text, String key) {
    ConfEntry entry = text.entry("totem", key);
    return entry == null || entry.value().equals("none") ? null : entry;
  }

  private static void key(ConfText text, LocalHost host, ConfEntry crypto, Findings findings) {
    ConfEntry file = text.entry("totem", "keyfile");
    ConfEntry key = text.entry("totem", "key");
    if (file == null && key != null) {
      // corosync counts the zero byte after it, too
      int length = key.value().getBytes(StandardCharsets.UTF_8).length + 1;
      if (length < SHORTEST_KEY || length > LONGEST_KEY) {
        findings.error(
            key.line(),
            "crypto-key-length",
            "totem.key has " + (length - 1) + " bytes",
            "corosync refuses keys of less than 127 and more than 4095 bytes",
            "remove it and make a key file with corosync-keygen");
      }
      return;
    }
    String name = file == null ? DEFAULT_KEY : file.value();
    if (!isThere(host, name)) {
      findings.error(
          file == null ? crypto.line() : file.line(),
          "crypto-key-missing",
          "there is no key of at least " + SHORTEST_KEY + " bytes in " + name,
          "encryption is on, so corosync reads the key at its start and refuses to run without",
          "run 'corosync-keygen -k "
              + name
              + "' on one node and copy the file to all others, mode 0400, owner root");
    }
  }

  private static boolean isThere(LocalHost host, String name) {
    try {
      return host.holds(Path.of(name), SHORTEST_KEY);
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
