/**
 * Identifiers of the object model: VDI ids, object ids, epochs, node addresses, and the redundancy
 * of a VDI.
 *
 * <p>Start from {@link io.sheepdog.protocol.id.ObjectId}. All types are immutable values whose
 * constructors reject what is out of range with an {@link java.lang.IllegalArgumentException}; any
 * thread may use them.
 */
@NullMarked
package io.sheepdog.protocol.id;

import org.jspecify.annotations.NullMarked;
