package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.ObjectId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a stripe that were summed up last and have not been changed since, bounded.
 * Belongs to one stripe.
 */
final class SummedUp {
  /** No object has this version. */
  static final long NOTHING = 0;

  private static final int REMEMBERED = 8192;

  /** A version and, unless it was made by a patch, its checksums. */
  private record Known(long version, @Nullable StripeSums sums) {}

  private final LinkedHashMap<ObjectId, Known> versions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectId, Known> eldest) {
          return size() > REMEMBERED;
        }
      };
  private long last = NOTHING;

  /**
   * An object was summed up: the version that it has now, the same until it is changed.
   *
   * @param sums null if it was not, but is as somebody wants it
   */
  long note(ObjectId oid, @Nullable StripeSums sums) {
    Known known = versions.remove(oid);
    long version = known == null ? ++last : known.version();
    versions.put(oid, new Known(version, sums));
    return version;
  }

  /** An object is about to be changed. */
  void changes(ObjectId oid) {
    versions.remove(oid);
  }

  /** Whether it was summed up as that version and nothing has changed it since. */
  boolean isUnchanged(ObjectId oid, long version) {
    Known known = versions.get(oid);
    return known != null && known.version() == version;
  }

  /** The checksums of an object that has not been changed since; null if it was not summed up. */
  @Nullable StripeSums sums(ObjectId oid) {
    Known known = versions.get(oid);
    return known == null ? null : known.sums();
  }
}
