package io.sheepdog.core.block;

/**
 * What can be said of a volume without opening it.
 *
 * @param name by which it can be opened
 * @param size bytes, at least 1
 * @param readOnly whether it is, or is asked for, without the right to write
 * @param description one line for people
 */
public record VolumeInfo(String name, long size, boolean readOnly, String description) {}
