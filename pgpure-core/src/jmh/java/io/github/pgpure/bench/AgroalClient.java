package io.github.pgpure.bench;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** pgjdbc with Agroal. Variant: {@code metrics} (it counts, and times how long connections are used). */
public final class AgroalClient extends PgJdbcClient {

    @Override
    DataSource pool(String url, int connections, String variant, ServerAddress server) {
        try {
            return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                    .metricsEnabled(variant.equals("metrics"))
                    .connectionPoolConfiguration(pool -> pool.initialSize(
                                    connections)
                            .maxSize(connections)
                            .acquisitionTimeout(Duration.ofSeconds(30))
                            .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url)
                                    .principal(new NamePrincipal(server.username()))
                                    .credential(new SimplePassword(server.password())))));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
