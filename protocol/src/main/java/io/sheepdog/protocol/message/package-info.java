/**
 * The 48-byte request and response headers, one record per layout, and their codecs.
 *
 * <p>Start from {@link io.sheepdog.protocol.message.Request} and {@link
 * io.sheepdog.protocol.message.RequestCodec}. The codecs read and write only the header; the
 * payload that may follow stays in the caller's buffer. Header decoding is total: whatever 48 bytes
 * arrive become a value that can be answered, and only a payload length above {@link
 * io.sheepdog.protocol.Limits#MAX_PAYLOAD} is an exception, thrown before anything is allocated.
 *
 * <p>Records are immutable; the codecs are stateless. Any thread may use them.
 */
@NullMarked
package io.sheepdog.protocol.message;

import org.jspecify.annotations.NullMarked;
