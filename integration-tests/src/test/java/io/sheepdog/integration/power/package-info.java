/**
 * Power cuts: a store on a real file system on a disk whose writes and flushes are written down;
 * the disk as it was at each flush, and with a part of what was written after it, is mounted again.
 *
 * <p>Start at {@link io.sheepdog.integration.power.PowerCutIT}. What {@link
 * io.sheepdog.integration.power.Promises} notes comes from several client threads; everything else
 * belongs to one.
 */
@NullMarked
package io.sheepdog.integration.power;

import org.jspecify.annotations.NullMarked;
