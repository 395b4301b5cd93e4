package io.sheepdog.daemon.options;

import java.nio.file.Path;

/**
 * Certificates of the NBD server: {@code DIR[,verify]}.
 *
 * @param directory absolute path of the directory with the files
 * @param verify whether every client must show a certificate
 */
public record NbdTlsOption(Path directory, boolean verify) {
  private static final String VERIFY = ",verify";

  static NbdTlsOption parse(String text) throws OptionException {
    boolean verify = text.endsWith(VERIFY);
    String path = verify ? text.substring(0, text.length() - VERIFY.length()) : text;
    if (path.isEmpty() || path.indexOf(',') >= 0) {
      throw new OptionException(
          "Bad value '" + text + "' of --nbd-tls: a directory, and ',verify' behind it if wanted");
    }
    return new NbdTlsOption(Path.of(path).toAbsolutePath().normalize(), verify);
  }
}
