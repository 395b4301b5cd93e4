package io.sheepdog.core.spi;

/**
 * Capacity of a store in bytes.
 *
 * @param total bytes of the file system usable by this store: those free to ordinary users and
 *     those of its objects, set aside or not, but never more than the file system has
 * @param free bytes free to ordinary users
 * @param used bytes of the data and VM state objects at their full size; inodes, nearly all holes,
 *     are not counted. As objects have holes that may be more than {@code total}
 * @param fileSystem bytes of the file system as its ordinary users see it, whoever uses them
 */
public record StoreSpace(long total, long free, long used, long fileSystem) {}
