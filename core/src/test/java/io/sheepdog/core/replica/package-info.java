/** Tests of parts of the replica service; it as a whole is tested through gateways. */
@NullMarked
package io.sheepdog.core.replica;

import org.jspecify.annotations.NullMarked;
