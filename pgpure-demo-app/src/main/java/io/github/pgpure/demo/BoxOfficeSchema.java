package io.github.pgpure.demo;

import io.github.pgpure.pool.PgPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/**
 * Creates what is missing of the schema, and some shows, before the first request is served.
 *
 * <p>A string of several statements without parameters goes to the server as one message and runs as one transaction.
 */
@Component
class BoxOfficeSchema implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(BoxOfficeSchema.class);

    private final PgPool pool;
    private final Resource script;

    BoxOfficeSchema(PgPool pool, @Value("classpath:box-office.sql") Resource script) {
        this.pool = pool;
        this.script = script;
    }

    @Override
    public void afterPropertiesSet() throws IOException {
        pool.execute(script.getContentAsString(StandardCharsets.UTF_8));
        log.info(
                "The box office has {} shows",
                pool.fetchOne("select count(*) from shows").getLong(0));
    }
}
