package io.ebmstream.job.state;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.forst.ForStOptions;
import org.apache.flink.state.forst.ForStStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/** What keyed state may lie in. */
public enum Backend {
    HEAP {
        @Override
        public StateBackend create() {
            return new HashMapStateBackend();
        }
    },
    ROCKSDB {
        @Override
        public StateBackend create() {
            EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend(true);
            // a harness has next to no managed memory
            backend.getMemoryConfiguration().setUseManagedMemory(false);
            return backend;
        }
    },
    /** Its checkpoints only: it takes and opens no canonical savepoints in Flink 2.3. */
    FORST {
        @Override
        public StateBackend create() {
            Configuration own = new Configuration();
            own.set(ForStOptions.USE_MANAGED_MEMORY, false);
            return new ForStStateBackend().configure(own, Backend.class.getClassLoader());
        }
    };

    /** A new one; of those that can, incremental. */
    public abstract StateBackend create();
}
