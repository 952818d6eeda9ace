package io.github.pgpure.docs.guide;

import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.context.annotation.Configuration;

/** The hint of docs/native-image.md. */
class NativeHints {

    // tag::hints[]
    @Configuration(proxyBeanMethods = false)
    @RegisterReflectionForBinding(Item.class)
    static class Hints {}
    // end::hints[]
}
