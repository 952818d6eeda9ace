package io.github.pgpure.spring.boot.test;

import org.springframework.stereotype.Component;

/** What a slice must leave out: it cannot be made. */
@Component
class UnrelatedComponent {

    UnrelatedComponent() {
        throw new IllegalStateException("a component that does not belong to the slice");
    }
}
