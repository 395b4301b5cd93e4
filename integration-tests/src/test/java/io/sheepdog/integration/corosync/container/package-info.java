/**
 * Whole clusters as their users run them: containers with the Debian package, a real corosync and
 * the guide's configuration on a network of their own. Start at {@link
 * io.sheepdog.integration.corosync.container.ContainerCluster}.
 *
 * <p>Takes a Docker Engine of this very machine ({@code script/lib/docker.sh}); no image is pulled.
 */
@NullMarked
package io.sheepdog.integration.corosync.container;

import org.jspecify.annotations.NullMarked;
