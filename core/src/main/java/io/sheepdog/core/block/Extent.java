package io.sheepdog.core.block;

/**
 * A range of a volume that is all data or all hole.
 *
 * @param length bytes, at least 1
 * @param allocated false where nothing was ever written, or was given back; that reads as zero
 */
public record Extent(long length, boolean allocated) {}
