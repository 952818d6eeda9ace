package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgScripts;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.sql.autoconfigure.init.ApplicationScriptDatabaseInitializer;
import org.springframework.boot.sql.init.AbstractScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.core.io.Resource;

/** Runs {@code schema.sql} and {@code data.sql}, or what {@code spring.sql.init.*} names, through the pool when the application starts. */
public class PgScriptDatabaseInitializer extends AbstractScriptDatabaseInitializer
        implements ApplicationScriptDatabaseInitializer {

    private final PgPool pool;
    private final boolean embedded;

    /**
     * @param pool where the scripts run
     * @param settings which scripts, and when
     * @param embedded whether the server is an embedded one, for which scripts run by default
     */
    public PgScriptDatabaseInitializer(PgPool pool, DatabaseInitializationSettings settings, boolean embedded) {
        super(settings);
        this.pool = pool;
        this.embedded = embedded;
    }

    @Override
    protected boolean isEmbeddedDatabase() {
        return embedded;
    }

    @Override
    protected void runScripts(Scripts scripts) {
        Charset encoding = scripts.getEncoding();
        var runner = new PgScripts(
                pool,
                encoding != null ? encoding : StandardCharsets.UTF_8,
                scripts.getSeparator(),
                scripts.isContinueOnError());
        for (Resource script : scripts) {
            runner.run(script);
        }
    }
}
