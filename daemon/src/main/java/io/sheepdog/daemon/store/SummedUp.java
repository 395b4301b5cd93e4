package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.ObjectId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The objects of a stripe that were summed up last and have not been changed since, bounded.
 * Belongs to one stripe.
 */
final class SummedUp {
  /** No object has this version. */
  static final long NOTHING = 0;

  private static final int REMEMBERED = 8192;

  private final LinkedHashMap<ObjectId, Long> versions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectId, Long> eldest) {
          return size() > REMEMBERED;
        }
      };
  private long last = NOTHING;

  /** An object was summed up: the version that it has now, the same until it is changed. */
  long note(ObjectId oid) {
    Long known = versions.remove(oid);
    long version = known == null ? ++last : known;
    versions.put(oid, version);
    return version;
  }

  /** An object is about to be changed. */
  void changes(ObjectId oid) {
    versions.remove(oid);
  }

  /** Whether it was summed up as that version and nothing has changed it since. */
  boolean isUnchanged(ObjectId oid, long version) {
    return version != NOTHING && versions.getOrDefault(oid, NOTHING) == version;
  }
}
