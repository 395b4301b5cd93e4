/**
 * Structures that travel as payload after a header, one type per structure.
 *
 * <p>Start from {@link io.sheepdog.protocol.payload.NameTag} (what clients name a VDI by) or {@link
 * io.sheepdog.protocol.payload.NodeEntry} (how a member is listed). Each type has named sizes, an
 * {@code encode} that writes exactly that many bytes and a {@code decode} that reads as many;
 * decoding checks every length and count before it allocates and throws {@link
 * io.sheepdog.protocol.ProtocolException} with a sentence that says what is wrong.
 *
 * <p>Source of the layouts: wire protocol, sections 6.3 and 6.4. All types are immutable and may be
 * used by any thread, except {@link io.sheepdog.protocol.payload.VdiBitmap}, which is mutable and
 * belongs to one thread at a time.
 */
@NullMarked
package io.sheepdog.protocol.payload;

import org.jspecify.annotations.NullMarked;
