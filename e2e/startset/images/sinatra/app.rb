require 'json'
require 'sinatra'

set :bind, '0.0.0.0'
set :port, 4567

TIDES = { 'Emden' => 3.2 }.freeze

get '/tides/:harbour' do
  content_type :json
  halt 404 unless TIDES.key?(params[:harbour])
  { harbour: params[:harbour], range: TIDES[params[:harbour]] }.to_json
end
