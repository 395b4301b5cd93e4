package io.sheepdog.corosyncconf.keys;

import org.jspecify.annotations.Nullable;

/**
 * A key that a version of corosync knows or knew.
 *
 * @param section path of its section
 * @param name the key
 * @param type what its value may be
 * @param obsolete what became of it, null for a key of version 3
 */
public record KnownKey(String section, String name, ValueType type, @Nullable Obsolete obsolete) {

  /**
   * What became of a key or section of an older version.
   *
   * @param why what version 3 does with it
   * @param remedy what to do
   */
  public record Obsolete(String why, String remedy) {}
}
