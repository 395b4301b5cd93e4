package io.sheepdog.daemon.nbd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Private keys in PEM files: PKCS #8 ({@code PRIVATE KEY}), which openssl writes, and PKCS #1
 * ({@code RSA PRIVATE KEY}), which GnuTLS's certtool writes and the JDK does not know.
 */
final class PemKey {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----([^-]+)-----END ");

  private static final String PKCS8 = "PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  /** INTEGER 0, and the SEQUENCE of rsaEncryption and NULL (RFC 5208, RFC 8017). */
  private static final byte[] PKCS8_HEAD = {
    0x02,
    0x01,
    0x00,
    0x30,
    0x0d,
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;

  private PemKey() {}

  static PrivateKey read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " is missing", e);
    }
    Matcher pem = PEM.matcher(text);
    if (!pem.find()) {
      throw new IOException(file + " holds no private key in PEM form");
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(pem.group(2));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
    return switch (pem.group(1)) {
      case PKCS8 -> pkcs8(file, der);
      case PKCS1 -> pkcs8(file, wrapped(der));
      default ->
          throw new IOException(
              file
                  + " holds an "
                  + pem.group(1)
                  + "; convert it with 'openssl pkcs8 -topk8 -nocrypt'");
    };
  }

  private static PrivateKey pkcs8(Path file, byte[] der) throws IOException {
    GeneralSecurityException last = null;
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw new IOException(file + " holds no key of a kind that is known: " + ALGORITHMS, last);
  }

  private static byte[] wrapped(byte[] pkcs1) {
    byte[] octets = tagged(OCTET_STRING, pkcs1);
    byte[] content = new byte[PKCS8_HEAD.length + octets.length];
    System.arraycopy(PKCS8_HEAD, 0, content, 0, PKCS8_HEAD.length);
    System.arraycopy(octets, 0, content, PKCS8_HEAD.length, octets.length);
    return tagged(SEQUENCE, content);
  }

  /** A value of DER: tag, length (one byte, or two after 0x82), content. */
  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >>> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
