package io.sheepdog.cli.archive;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in hexadecimal, which names contents. */
final class Digests {
  private static final int DIGITS = 64;

  private Digests() {}

  static MessageDigest algorithm() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String of(byte[] bytes, int length) {
    MessageDigest digest = algorithm();
    digest.update(bytes, 0, length);
    return text(digest);
  }

  static String text(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether it can be the digest of something. */
  static boolean isOne(String text) {
    return text.length() == DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }

  /**
   * The same, if it is a digest or stands for zeros.
   *
   * @throws IllegalArgumentException if not
   */
  static String checked(String text) {
    if (!text.equals(Manifest.ZEROS) && !isOne(text)) {
      throw new IllegalArgumentException("'" + text + "' is no digest");
    }
    return text;
  }
}
