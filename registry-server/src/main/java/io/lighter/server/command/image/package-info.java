/**
 * Commands that work on an image without a server and its store: {@code lighter convert} turns an
 * image of a registry or an OCI layout directory, or a single layer, into eStargz; {@code lighter
 * startset} tells what its start reads. What is done to layers and manifests is the same as in the
 * server: {@link io.lighter.conversion.LayerConverter} and {@link
 * io.lighter.conversion.ImageConverter}. Begin reading at {@link
 * io.lighter.server.command.image.ConvertCommand}.
 */
@NullMarked
package io.lighter.server.command.image;

import org.jspecify.annotations.NullMarked;
