"""Programs that components run on their hosts; Python 3.6 or newer with nothing but its standard library."""
