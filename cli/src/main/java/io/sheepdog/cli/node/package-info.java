/** Commands about nodes: {@link io.sheepdog.cli.node.NodeListCommand}. Used by one thread. */
@NullMarked
package io.sheepdog.cli.node;

import org.jspecify.annotations.NullMarked;
