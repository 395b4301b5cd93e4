package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names inside a store (spec/store.md section 1).
 *
 * <pre>
 * config              identity and cluster configuration, text, see {@link StoreConfigFile}
 * epoch/00000001      one file per epoch, 8 decimal digits, text, see {@link EpochFile}
 * obj/8015d16700000000            an object: its bytes, sparse; attributes in an xattr
 * obj/8015d16700000000.tmp        an object being created; removed at start
 * obj/.stale/8015d16700000000.3   a copy that was valid until epoch 3
 * dirty               objects that may differ from their replicas (R10)
 * ballast             zeros; given away piece by piece when the disk is full, see {@link Ballast}
 * lock                held by the daemon, contains its pid
 * sheep.log, sock     the daemon's
 * </pre>
 *
 * @param root the directory of the store
 */
record StoreLayout(Path root) {
  static final String TEMPORARY_SUFFIX = ".tmp";
  static final String STALE = ".stale";

  private static final Pattern OBJECT = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern ASIDE = Pattern.compile("([0-9a-f]{16})\\.([0-9]{1,10})");
  private static final Pattern EPOCH = Pattern.compile("[0-9]{8,10}");

  /** A file below {@code obj/.stale}. */
  record Aside(ObjectId oid, Epoch epoch) {}

  Path config() {
    return root.resolve("config");
  }

  Path epochs() {
    return root.resolve("epoch");
  }

  Path epoch(Epoch epoch) {
    return epochs().resolve(String.format("%08d", Integer.toUnsignedLong(epoch.value())));
  }

  Path objects() {
    return root.resolve("obj");
  }

  Path object(ObjectId oid) {
    return objects().resolve(oid.toString());
  }

  Path stale() {
    return objects().resolve(STALE);
  }

  Path aside(ObjectId oid, Epoch epoch) {
    return stale().resolve(oid + "." + epoch);
  }

  Path dirtyLog() {
    return root.resolve("dirty");
  }

  Path ballast() {
    return root.resolve("ballast");
  }

  Path lock() {
    return root.resolve("lock");
  }

  /** The name under which {@code file} is written before it is renamed. */
  static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
  }

  static boolean isTemporary(String name) {
    return name.endsWith(TEMPORARY_SUFFIX);
  }

  static Optional<ObjectId> parseObject(String name) {
    return OBJECT.matcher(name).matches() ? Optional.of(ObjectId.parse(name)) : Optional.empty();
  }

  static Optional<Aside> parseAside(String name) {
    Matcher matcher = ASIDE.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return parseU32(matcher.group(2))
        .map(epoch -> new Aside(ObjectId.parse(matcher.group(1)), epoch));
  }

  static Optional<Epoch> parseEpoch(String name) {
    return EPOCH.matcher(name).matches() ? parseU32(name) : Optional.empty();
  }

  private static Optional<Epoch> parseU32(String digits) {
    long value = Long.parseLong(digits);
    return value >>> Integer.SIZE == 0 ? Optional.of(new Epoch((int) value)) : Optional.empty();
  }
}
