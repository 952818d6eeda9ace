package io.github.pgpure.docs.guide;

import io.github.pgpure.spring.PgListener;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.stereotype.Component;

@Component
class Orders {

    final BlockingQueue<OrderChanged> changes = new LinkedBlockingQueue<>();

    record OrderChanged(long id, String status) {}

    // tag::listener[]
    @PgListener(channels = "orders")
    void orderChanged(OrderChanged event) {
        changes.add(event);
    }
    // end::listener[]
}
