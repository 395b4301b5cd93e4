package io.sheepdog.core.spi;

/**
 * Capacity of a store in bytes.
 *
 * @param total bytes of the file system usable by this store (free to ordinary users plus used by
 *     objects)
 * @param free bytes free to ordinary users
 * @param used bytes of the data and VM state objects at their full size; inodes, nearly all holes,
 *     are not counted
 */
public record StoreSpace(long total, long free, long used) {}
