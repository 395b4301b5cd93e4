/**
 * Attributes of VDIs: keys with values that administrators attach to a name.
 *
 * <p>Start at {@link io.sheepdog.core.attribute.AttributeRequests}. An attribute is an object of
 * its own (spec/object-model.md section 9); reading it is an ordinary object read. What has to be
 * decided, that is whether it is there and where, is decided by the oldest member, one request per
 * name at a time ({@link io.sheepdog.core.attribute.AttributeSlots}). Confined to the core loop.
 */
@NullMarked
package io.sheepdog.core.attribute;

import org.jspecify.annotations.NullMarked;
