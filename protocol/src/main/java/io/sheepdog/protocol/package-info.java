/**
 * Messages, codecs, identifiers and placement of the Sheepdog wire protocol.
 *
 * <p>Everything here is an immutable value or a stateless codec, so it is safe on any thread.
 */
@NullMarked
package io.sheepdog.protocol;

import org.jspecify.annotations.NullMarked;
