/**
 * The connections of clients of this node, and which of them hold a lock (R12). Start at {@link
 * io.sheepdog.core.session.ClientSession}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.session;

import org.jspecify.annotations.NullMarked;
